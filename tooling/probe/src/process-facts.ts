import { capabilityNames, parseCapabilityStatus } from "@galley/capabilities";
import { errnoName } from "./errno-name.ts";
import type { Circumstances, Facts } from "./facts.ts";
import type { Report } from "./report.ts";

/** Everything about the process itself. */
export function processFacts(report: Report, circumstances: Circumstances): Facts {
  const { texts } = report;
  return {
    ...namespaceFacts(report, circumstances),
    ...capabilityFacts(texts["/proc/self/status"] ?? ""),
    ...statusFacts(texts["/proc/self/status"] ?? ""),
    ...terminalFact(texts["/proc/self/stat"] ?? ""),
    ...limitFacts(texts["/proc/self/limits"] ?? ""),
    ...cgroupFacts(texts["/proc/self/cgroup"] ?? ""),
    ...interfaceFact(texts["/proc/net/dev"] ?? ""),
    ...textFacts(texts),
    ...callResultFacts(report),
    ...environmentFacts(report.environment),
  };
}

function namespaceFacts({ links }: Report, { hostNamespaces }: Circumstances): Facts {
  const entries = Object.entries(links).map(([path, target]) => {
    const name = path.slice(path.lastIndexOf("/") + 1);
    if (!path.startsWith("/proc/self/ns/")) return [`link ${name}`, errnoName(target)];
    return [`namespace ${name}`, hostNamespaces[path] === target ? "the host's" : "new"];
  });
  return Object.fromEntries(entries);
}

function capabilityFacts(status: string): Facts {
  const sets = Object.entries(parseCapabilityStatus(status));
  return Object.fromEntries(
    sets.map(([name, set]) => [`capabilities ${name}`, capabilityNames(set).toSorted().join(" ") || "none"]),
  );
}

/** Lines of proc_pid_status(5) that are the engine's doing; the rest are counters, ids of the moment, and the sets above. */
const engineLines =
  "Umask TracerPid Uid Gid Groups CoreDumping THP_enabled SigQ SigBlk SigIgn SigCgt SigPnd ShdPnd NoNewPrivs Seccomp Seccomp_filters " +
  "Speculation_Store_Bypass SpeculationIndirectBranch Cpus_allowed_list Mems_allowed_list";

function statusFacts(status: string): Facts {
  const wanted = new Set(engineLines.split(" "));
  const entries = status.split("\n").map((line) => line.split(":\t", 2));
  const kept = entries.filter(([name]) => name !== undefined && wanted.has(name));
  return Object.fromEntries(kept.map(([name, value = ""]) => [`status ${name}`, statusValue(name ?? "", value)]));
}

function statusValue(name: string, value: string): string {
  const trimmed = value.trim().replaceAll(/\s+/g, " ");
  return name === "SigQ" ? trimmed.replace(/^\d+/, "…") : trimmed; // how many of the user's signals wait anywhere
}

/** Field 7 of proc_pid_stat(5), counted after the name. */
function terminalFact(stat: string): Facts {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const terminal = Number(fields[4]);
  return { "controlling terminal": terminal === 0 ? "none" : `${terminal >> 8}:${terminal & 0xff}` };
}

function limitFacts(limits: string): Facts {
  const lines = limits.trim().split("\n").slice(1);
  const entries = lines.map((line) => [
    `limit ${line.slice(0, 26).trim().toLowerCase()}`,
    line.slice(26).trim().replaceAll(/\s+/g, " "),
  ]);
  return Object.fromEntries(entries);
}

/** `cgroup memory` is the place in that hierarchy as the container sees it. */
function cgroupFacts(text: string): Facts {
  const entries = text
    .trim()
    .split("\n")
    .map((line) => {
      const [, controllers = "", ...path] = line.split(":");
      return [`cgroup ${controllers || "unified"}`, path.join(":").replaceAll(/[0-9a-f]{64}/g, "<id>")];
    });
  return Object.fromEntries(entries);
}

function interfaceFact(text: string): Facts {
  const names = text
    .trim()
    .split("\n")
    .slice(2)
    .map((line) => line.split(":", 1)[0]?.trim());
  return { "network interfaces": names.toSorted().join(" ") };
}

const parsedElsewhere = /\/(status|stat|mountinfo|limits|cgroup|dev)$/;

function textFacts(texts: Report["texts"]): Facts {
  const kept = Object.entries(texts).filter(([path]) => !parsedElsewhere.test(path));
  return Object.fromEntries(kept.map(([path, text]) => [`text ${path}`, describeText(path, text)]));
}

/** The order in which device rules were written means nothing once they do not contradict each other. */
function describeText(path: string, text: string): string {
  const lines = errnoName(text.trim())
    .replaceAll(/[ \t]+/g, " ")
    .split("\n");
  return (path.endsWith("/devices.list") ? lines.toSorted() : lines).join("\n");
}

/** Numbers of processes matter only in being the process's own. */
function callResultFacts({ process }: Report): Facts {
  const { pid, keyringId: _, ...rest } = process;
  const entries = Object.entries(rest).map(([name, value]) => [`process ${name}`, describeResult(name, value, pid)]);
  return Object.fromEntries(entries);
}

/** A name that an engine makes from the container's id; `_uid_ses.0` is the one that all of root's processes share. */
const ownKeyring = /;(_ses\.|galley-)[\w-]+$/;

function describeResult(name: string, value: number | string, pid: number | string | undefined): string {
  if (name === "session" || name === "group")
    return value === pid ? "its own" : value === 0 ? "of another namespace" : "another's";
  if (name === "umask") return Number(value).toString(8).padStart(4, "0");
  return typeof value === "string" ? errnoName(value).replace(ownKeyring, ";<its own name>") : String(value);
}

function environmentFacts(environment: readonly string[]): Facts {
  return Object.fromEntries(
    environment.map((entry) => {
      const [name = "", ...value] = entry.split("=");
      return [`environment ${name}`, value.join("=")];
    }),
  );
}
