import { posix } from "node:path";
import { type Slot, type Step, stepper } from "@galley/plan";
import { galleyError } from "@galley/spec";
import { parseContext } from "./context.ts";

const step = stepper("selinux");

/** Directories of the system: with a container's label on them the host would stop working. */
const systemDirectories = new Set(
  (
    "/ /bin /boot /dev /efi /etc /etc/passwd /etc/pki /etc/shadow /etc/group /home /lib /lib32 /lib64 /libx32 /media /mnt /opt /proc " +
    "/root /run /sbin /srv /sys /tmp /usr /usr/bin /usr/lib /usr/lib64 /usr/libexec /usr/local /usr/sbin /usr/share " +
    "/var /var/cache /var/lib /var/log /var/run /var/spool /var/tmp"
  ).split(" "),
);

/** One spelling of a path: no doubled or closing slashes, no `.` and `..`. */
function plain(path: string): string {
  const normal = posix.normalize(path);
  return normal.length > 1 ? normal.replace(/\/$/, "") : normal;
}

/**
 * Refuses to relabel a directory of the system, or one of `others` (home directories, our own state). The path must be
 * absolute and free of symbolic links, which the caller resolves. Throws `forbidden`, or `invalid` for a relative path.
 *
 * @example
 * refuseSystemDirectory("/usr/", ["/home/alice"]); // throws: relabelling /usr is not allowed
 */
export function refuseSystemDirectory(hostPath: string, others: readonly string[] = []): void {
  const details = { hostPath };
  if (!hostPath.startsWith("/") || hostPath.includes("\0")) {
    throw galleyError(
      "invalid",
      "selinux.path",
      `cannot relabel ${JSON.stringify(hostPath)}: it is not an absolute path`,
      { details },
    );
  }
  const path = plain(hostPath);
  if (!systemDirectories.has(path) && !others.some((other) => plain(other) === path)) return;
  throw galleyError("forbidden", "selinux.system-directory", `relabelling ${path} is not allowed`, { details });
}

/** What is relabelled. */
export interface Relabelling {
  /** The directory or file itself. */
  readonly at: Slot;
  /** Where that is on the host, for the refusal and for people. */
  readonly hostPath: string;
  /** Everything beneath it, as paths relative to it. */
  readonly paths: Iterable<string>;
  /** More directories to refuse. */
  readonly refused?: readonly string[] | undefined;
}

/**
 * The steps that relabel a tree; the top comes last, so its label says that the rest is done. Names that vanish meanwhile
 * and file systems without labels are fine. Throws `forbidden` for a directory of the system.
 *
 * @example
 * const steps = relabelSteps({ at: volume, hostPath: "/srv/data", paths: ["a", "a/b"] }, labels.file);
 */
export function relabelSteps(
  { at, hostPath, paths, refused }: Relabelling,
  label: string | undefined,
): readonly Step[] {
  if (label === undefined) return [];
  refuseSystemDirectory(hostPath, refused);
  parseContext(label);
  // libselinux stores the closing NUL, too.
  const value = new TextEncoder().encode(`${label}\0`);
  const relabel = (path: string): Step =>
    step("xattr", { at, path, name: "security.selinux", value }, `label ${posix.join(hostPath, path)} ${label}`, {
      ok: ["ENOENT", "ENOTSUP"],
    });
  return [...Array.from(paths, relabel), relabel("")];
}
