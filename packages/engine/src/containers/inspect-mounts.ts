import type { ContainerRecord } from "./container-record.ts";
import type { BindMount } from "./options.ts";

/** What of the host a container sees, as `inspect` lists it; file systems in memory are told by the host's configuration. */
export function inspectMounts({ options }: ContainerRecord) {
  return (options.files?.binds ?? []).map((mount) => ({
    Type: "bind",
    Source: mount.hostPath,
    Destination: mount.containerPath,
    Driver: "",
    Mode: "",
    Options: kindOptions(mount),
    RW: !isReadOnly(mount),
    Propagation: propagation(mount),
  }));
}

/** A bind mount in one line, as it is given on a command line. */
export function bindText(mount: BindMount): string {
  const words = [isReadOnly(mount) ? "ro" : "rw", propagation(mount), ...kindOptions(mount)];
  return `${mount.hostPath}:${mount.containerPath}:${words.join(",")}`;
}

/** Recursive unless "bind" says otherwise; then what else was asked for. */
function kindOptions({ options }: BindMount): readonly string[] {
  const kind = options.includes("bind") ? "bind" : "rbind";
  return [kind, ...options.filter((option) => !isAccess(option) && !isPropagation(option) && option !== kind)];
}

function propagation({ options }: BindMount): string {
  return options.findLast(isPropagation) ?? "rprivate";
}

function isReadOnly({ options }: BindMount): boolean {
  return options.findLast(isAccess) === "ro" || options.includes("rro");
}

function isAccess(option: string): boolean {
  return option === "ro" || option === "rw";
}

function isPropagation(option: string): boolean {
  return /^r?(private|shared|slave|unbindable)$/.test(option);
}
