import { normalizePath } from "@galley/mounts";
import type { MountSpec } from "@galley/spec";
import type { CreateContainerOptions } from "../containers/options.ts";

/** Where the container's own process 1 lies with `--init`. */
export const initPlace = "/run/galley-init";

/** Host paths of files that the engine made for a container, by their place inside it. */
export type GeneratedFiles = Readonly<Record<string, string>>;

const baseMounts: readonly MountSpec[] = [
  { destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"] },
  {
    destination: "/dev",
    type: "tmpfs",
    source: "tmpfs",
    options: ["nosuid", "noexec", "strictatime", "mode=755", "size=65536k"],
  },
  { destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", "ro"] },
  {
    destination: "/dev/pts",
    type: "devpts",
    source: "devpts",
    options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"],
  },
  { destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: ["nosuid", "noexec", "nodev"] },
  {
    destination: "/dev/shm",
    type: "tmpfs",
    source: "shm",
    options: ["nosuid", "noexec", "nodev", "mode=1777", "size=64000k"],
  },
  {
    destination: "/sys/fs/cgroup",
    type: "cgroup",
    source: "cgroup",
    options: ["rprivate", "nosuid", "noexec", "nodev", "relatime", "ro"],
  },
];

/**
 * A container's mounts in the order in which they are made: the base, the engine's own files, then what was asked for,
 * outer places before inner ones. What was asked for replaces what would be there otherwise.
 */
export function containerMounts(options: CreateContainerOptions, files: GeneratedFiles): MountSpec[] {
  const asked = askedMounts(options);
  const taken = new Set(asked.map(({ destination }) => destination));
  const readOnly = options.files?.readOnlyRoot ?? false;
  const own = Object.entries(files).map(([destination, source]) =>
    bind(source, destination, ownOptions(destination, readOnly)),
  );
  const base = options.security?.privileged ? baseMounts.map(writable) : baseMounts;
  const kept = [...base, ...(readOnly ? writablePlaces : []), ...own].filter(
    ({ destination }) => !taken.has(destination),
  );
  return [...kept, ...asked].toSorted((a, b) => depth(a.destination) - depth(b.destination));
}

/** What programs expect to write to even where the root is read-only, as podman makes it. */
const writablePlaces: readonly MountSpec[] = ["/run", "/tmp", "/var/tmp"].map((destination) => ({
  destination,
  type: "tmpfs",
  source: "tmpfs",
  options: ["rw", "rprivate", "nosuid", "nodev", destination === "/run" ? "mode=755" : "mode=1777"],
}));

/** Programs of the host are shared by all containers: none may write to them. */
function ownOptions(destination: string, readOnly: boolean): readonly string[] {
  const common = ["rbind", "rprivate"];
  if (destination === initPlace) return [...common, "ro", "nosuid", "nodev"];
  return readOnly ? [...common, "ro", "nosuid", "nodev", "noexec"] : common;
}

function askedMounts({ files = {} }: CreateContainerOptions): MountSpec[] {
  const binds = (files.binds ?? []).map((mount) =>
    bind(mount.hostPath, normalizePath(mount.containerPath), bindOptions(mount.options)),
  );
  const tmpfs = (files.tmpfs ?? []).map(({ containerPath, options }): MountSpec => {
    return {
      destination: normalizePath(containerPath),
      type: "tmpfs",
      source: "tmpfs",
      options: ["nosuid", "nodev", "rprivate", ...options],
    };
  });
  return [...binds, ...tmpfs];
}

function bind(source: string, destination: string, options: readonly string[]): MountSpec {
  return { destination, type: "bind", source, options };
}

/** As podman: recursive and private unless said otherwise. */
function bindOptions(given: readonly string[]): readonly string[] {
  const kind = given.includes("bind") || given.includes("rbind") ? [] : ["rbind"];
  const propagation = given.some((option) => /^r?(private|shared|slave|unbindable)$/.test(option)) ? [] : ["rprivate"];
  return [...kind, ...propagation, ...given];
}

/** A privileged container may write to /sys and the control groups. */
function writable(mount: MountSpec): MountSpec {
  return { ...mount, options: (mount.options ?? []).filter((option) => option !== "ro") };
}

function depth(path: string): number {
  return path.split("/").filter(Boolean).length;
}
