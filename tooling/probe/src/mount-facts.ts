import type { Facts } from "./facts.ts";

/** Memory file systems whose size is this host's memory, and overlay's folders: not ours to compare. */
const ofTheHost = /^(lowerdir\+?|upperdir|workdir)=/;
/** A file system of the host can only get inside by a bind mount, so its type is the host's business. */
const virtual = new Set(["proc", "sysfs", "tmpfs", "devpts", "mqueue", "cgroup", "cgroup2", "overlay", "devtmpfs"]);

/** Every mount point: `mount /proc` is "proc rw,nosuid,nodev,noexec of /; rw; private". Stacked mounts are in order. */
export function mountFacts(mountinfo: string): Facts {
  const facts: Record<string, string> = {};
  for (const line of mountinfo.trim().split("\n")) {
    const { point, described } = describeMount(line);
    const before = facts[`mount ${point}`];
    facts[`mount ${point}`] = before === undefined ? described : `${before}, under ${described}`;
  }
  return facts;
}

/** One line: id, parent, device, root, mount point, options, optional fields, "-", type, source, super options: proc_pid_mountinfo(5). */
function describeMount(line: string): { point: string; described: string } {
  const fields = line.split(" ");
  const [, , , root = "", point = "", options = ""] = fields;
  const dash = fields.indexOf("-", 6);
  const [type = "", , superOptions = ""] = fields.slice(dash + 1);
  const propagation =
    fields
      .slice(6, dash)
      .map((field) => field.replace(/:\d+$/, ""))
      .join(" ") || "private";
  if (!virtual.has(type)) return { point, described: `bind ${options}; ${propagation}` };
  const kept = superOptions.split(",").filter((option) => !ofTheHost.test(option));
  return { point, described: `${type} ${options} of ${shownRoot(root)}; ${kept.join(",")}; ${propagation}` };
}

/** The place within the mounted file system; identifiers are shortened to what they are. */
function shownRoot(root: string): string {
  return root.replaceAll(/[0-9a-f]{64}/g, "<id>");
}
