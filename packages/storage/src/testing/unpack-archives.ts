/**
 * A program: unpacks archives of the corpus with the real reader and the real stage, and prints what came of each, and how much memory
 * it took, as one line of JSON. Arguments: an empty directory, "hostile" or "benign", and a part of a name where only some are wanted.
 */
import { readFileSync } from "node:fs";
import { archiveSuite, benignArchives, hostileArchives } from "@galley/conformance";
import { decompress, defaultExpansion, layerSteps } from "@galley/image";
import type { Perform } from "@galley/plan";
import { isGalleyError } from "@galley/spec";
import { perform } from "@galley/stage";
import { applyLayer } from "../layers/apply-layer.ts";

const [scratchPath = "", corpus, part = ""] = process.argv.slice(2);
let stageKiB = 0;

/** 0 when it has ended already. */
function peakKiB(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** Reads the peak of the program just before it ends. */
const watched: Perform = (plan, options) => {
  const performance = perform(plan, options);
  const end = () => {
    stageKiB = Math.max(stageKiB, peakKiB(performance.hostPid));
    performance.end();
  };
  return { ...performance, end };
};

const extract = async (archive: AsyncIterable<Uint8Array>, hostPath: string) => {
  const tar = decompress(archive, { maxExpansion: defaultExpansion });
  const options = { perform: watched, spoolPath: `${hostPath}.spool` };
  await applyLayer(hostPath, (root, spool) => layerSteps(tar, { root, spool }), options);
};
const codeOf = (error: unknown) => (isGalleyError(error) ? error.code : undefined);

const archives = (corpus === "hostile" ? hostileArchives : benignArchives).filter(({ name }) => name.includes(part));
const verdicts = [];
for await (const verdict of archiveSuite({ extract, codeOf, whiteouts: "overlay" }, { scratchPath, archives }))
  verdicts.push(verdict);
const children = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim();
console.log(JSON.stringify({ verdicts, nodeKiB: process.resourceUsage().maxRSS, stageKiB, children }));
