import { readFileSync } from "node:fs";
import { cpus, hostname, release, uptime } from "node:os";
import { capabilityNames, podmanCapabilities } from "@galley/capabilities";
import type { CgroupLayout } from "@galley/cgroups";
import { platformOf } from "@galley/spec";
import { hostKeepsLabels } from "../containers/container-labels.ts";
import { cgroupLayout } from "../host.ts";
import { engineVersion } from "./engine-version.ts";

/** The part of `info` that is about the host. Sizes in bytes. */
export function hostInfo() {
  const layout = cgroupLayout();
  const distribution = osRelease(readText("/etc/os-release"));
  return {
    arch: hostArchitecture(),
    cgroupControllers: controllers(layout),
    cgroupManager: "cgroupfs",
    cgroupMode: layout.mode,
    cgroupVersion: layout.mode === "v2" ? "v2" : "v1",
    cpus: cpus().length,
    distribution,
    eventLogger: "none",
    hostname: hostname(),
    idMappings: { gidmap: null, uidmap: null },
    kernel: release(),
    logDriver: "k8s-file",
    ...memory(readText("/proc/meminfo")),
    ociRuntime: { name: "galley-runtime", version: engineVersion.ociRuntimeSpec },
    os: process.platform,
    security: security(),
    serviceIsRemote: false,
    uptime: uptimeText(uptime()),
  };
}

/** This machine's processor in OCI's words. */
export function hostArchitecture(): string {
  return platformOf(process.arch).architecture;
}

function controllers({ legacy, unified }: CgroupLayout): string[] {
  const named = [...legacy.flatMap((hierarchy) => hierarchy.controllers), ...(unified?.controllers ?? [])];
  return [...new Set(named.filter((name) => !name.startsWith("name=")))].sort();
}

function security() {
  return {
    apparmorEnabled: false,
    capabilities: capabilityNames(podmanCapabilities).join(","),
    rootless: process.getuid?.() !== 0,
    seccompEnabled: /^Seccomp:/m.test(readText("/proc/self/status")),
    seccompProfilePath: "",
    selinuxEnabled: hostKeepsLabels(),
  };
}

/** The sizes that podman tells, from proc_meminfo(5), which counts in kibibytes. */
export function memory(meminfo: string) {
  const bytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(meminfo)?.[1] ?? 0) * 1024;
  return {
    memFree: bytes("MemFree"),
    memTotal: bytes("MemTotal"),
    swapFree: bytes("SwapFree"),
    swapTotal: bytes("SwapTotal"),
  };
}

/** What os-release(5) says of the distribution. */
export function osRelease(text: string) {
  const value = (name: string): string => new RegExp(`^${name}=["']?(.*?)["']?$`, "m").exec(text)?.[1] ?? "";
  const codename = value("VERSION_CODENAME");
  return {
    ...(codename ? { codename } : {}),
    distribution: value("ID") || "unknown",
    version: value("VERSION_ID") || "unknown",
  };
}

/** "26h 3m 12.00s (Approximately 1.08 days)", as podman writes it. */
export function uptimeText(seconds: number): string {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const text = `${hours}h ${minutes}m ${(seconds % 60).toFixed(2)}s`;
  return hours > 0 ? `${text} (Approximately ${(seconds / 86_400).toFixed(2)} days)` : text;
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
