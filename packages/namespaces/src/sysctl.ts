import { type Slot, type Step, stepper } from "@galley/plan";
import { galleyError } from "@galley/spec";
import { limits } from "./limits.ts";
import { isSeparate, type NamespaceName, type NamespacePlan } from "./plan-namespaces.ts";

const step = stepper("namespaces");

const ipcNames: readonly string[] = [
  "kernel.msgmax",
  "kernel.msgmnb",
  "kernel.msgmni",
  "kernel.sem",
  "kernel.shmall",
  "kernel.shmmax",
  "kernel.shmmni",
  "kernel.shm_rmid_forced",
];

/** What {@link sysctlSteps} needs to know besides the values. */
export interface SysctlOptions {
  readonly namespaces: NamespacePlan;
  /** The container's new proc file system. Without it the host's is used: the kernel shows each writer its own namespaces. */
  readonly proc?: Slot;
}

/**
 * Writes kernel parameters of the container's own namespaces (sysctl(8), proc_sys(5)). For the init lane: after proc is
 * mounted, before its paths become read-only.
 *
 * @throws `forbidden` for a parameter that no separate namespace holds, `invalid` for a name that is no path beneath
 * /proc/sys or a value over a page.
 *
 * @example
 * sysctlSteps({ "net.ipv4.ping_group_range": "0 0" }, { namespaces: planNamespaces([{ type: "network" }]) });
 */
export function sysctlSteps(values: Readonly<Record<string, string>>, options: SysctlOptions): readonly Step[] {
  return Object.entries(values).map(([written, value]) => {
    const parts = sysctlParts(written);
    refuseHostParameter(parts, options.namespaces);
    if (Buffer.byteLength(value) > limits.sysctlBytes) {
      throw galleyError(
        "invalid",
        "namespaces.sysctl-value",
        `value of sysctl ${written} is over ${limits.sysctlBytes} bytes`,
      );
    }
    const path = `sys/${parts.join("/")}`;
    const place = options.proc ? { at: options.proc, path } : { path: `/proc/${path}` };
    return step(
      "write",
      { ...place, bytes: new TextEncoder().encode(value), flags: ["proc"] },
      `set ${parts.join(".")} to ${value}`,
    );
  });
}

/** sysctl.d(5): the separator that comes first separates; the other one then stands for itself or for a dot. */
function sysctlParts(name: string): readonly string[] {
  const first = /[./]/.exec(name)?.[0];
  const parts = first === "/" ? name.split("/") : name.split(".").map((part) => part.replaceAll("/", "."));
  const bad =
    parts.length < 2 || parts.some((part) => part === "" || part === "." || part === ".." || part.includes("\0"));
  if (bad) throw galleyError("invalid", "namespaces.sysctl-name", `${JSON.stringify(name)} is no name of a sysctl`);
  return parts;
}

function refuseHostParameter(parts: readonly string[], plan: NamespacePlan): void {
  const name = parts.join(".");
  if (name === "kernel.hostname") {
    throw galleyError(
      "invalid",
      "namespaces.sysctl-hostname",
      "sysctl kernel.hostname is set by the host name of the container",
    );
  }
  const holder = namespaceOf(parts);
  if (holder === undefined) {
    throw galleyError(
      "forbidden",
      "namespaces.sysctl",
      `sysctl ${name} belongs to no namespace and would change the host`,
    );
  }
  if (!isSeparate(plan, holder)) {
    throw galleyError(
      "forbidden",
      "namespaces.sysctl",
      `sysctl ${name} would change the host: the container shares its ${holder} namespace`,
    );
  }
}

function namespaceOf(parts: readonly string[]): NamespaceName | undefined {
  const name = parts.join(".");
  if (ipcNames.includes(name)) return "ipc";
  if (parts[0] === "fs" && parts[1] === "mqueue" && parts.length > 2) return "ipc";
  if (parts[0] === "net") return "network";
  if (name === "kernel.domainname") return "uts";
  if (parts[0] === "user") return "user";
  return undefined;
}
