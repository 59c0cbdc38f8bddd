import { lane, type Perform, type Plan, type Slot, type Step, slot, stepper } from "@galley/plan";
import type { Accounts } from "../images/image-record.ts";

const step = stepper("engine");
/** Bytes of /etc/passwd and /etc/group that are looked at. */
const limitBytes = 256 * 1024;

/**
 * Reads a root's user and group files through a plan of its own: a lane mounts the root for itself alone, and only regular
 * files beneath it are read.
 *
 * @param mountRoot steps that make the root as a detached mount
 */
export async function readAccounts(mountRoot: (out: Slot) => readonly Step[], perform: Perform): Promise<Accounts> {
  const root = slot("root");
  const passwd = read(root, "etc/passwd");
  const group = read(root, "etc/group");
  const performance = perform(readingPlan(mountRoot(root), [passwd, group]));
  await performance.ended;
  const text = (from: Step): string => new TextDecoder().decode(performance.content(from) ?? new Uint8Array());
  return { passwd: text(passwd), group: text(group) };
}

function read(root: Slot, path: string): Step {
  const fine = ["ENOENT", "ENOTDIR", "EINVAL", "ELOOP", "EACCES"] as const;
  return step("read", { at: root, path, limitBytes }, `read /${path}`, { ok: fine });
}

/** A detached mount needs no mount namespace: it is gone with the last descriptor. */
function readingPlan(mountRoot: readonly Step[], reads: readonly Step[]): Plan {
  return { title: "read the accounts of a root", lane: lane("read", [...mountRoot, ...reads]) };
}
