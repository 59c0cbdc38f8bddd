import { callFacts } from "./call-facts.ts";
import { fileFacts } from "./file-facts.ts";
import { mountFacts } from "./mount-facts.ts";
import { processFacts } from "./process-facts.ts";
import type { Report } from "./report.ts";

/** What a report says, one short text for each name: two containers are compared name by name. */
export type Facts = Readonly<Record<string, string>>;

/** What is known about the container of a report, and differs from container to container. */
export interface Circumstances {
  /** Targets of the links in /proc/self/ns on the host, as "/proc/self/ns/pid". */
  readonly hostNamespaces: Readonly<Record<string, string>>;
}

/** Turns a report into facts in which nothing is left that differs from one run to the next. */
export function reportFacts(report: Report, circumstances: Circumstances): Facts {
  const facts = {
    ...processFacts(report, circumstances),
    ...mountFacts(report.texts["/proc/self/mountinfo"] ?? ""),
    ...fileFacts(report),
    ...callFacts(report),
  };
  return nameless(facts, report.texts["/proc/sys/kernel/hostname"]?.trim() ?? "");
}

/** Engines name a container's host after the container's id, which is another one each time. */
function nameless(facts: Facts, hostname: string): Facts {
  if (!/^[0-9a-f]{12}$/.test(hostname)) return facts;
  const entries = Object.entries(facts).map(([name, text]) => [name, text.replaceAll(hostname, "<id>")]);
  return Object.fromEntries(entries);
}
