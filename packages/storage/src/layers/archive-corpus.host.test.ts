import {
  type ArchiveCase,
  type ArchiveVerdict,
  archiveSuite,
  benignArchives,
  hostileArchives,
  makeScratch,
} from "@galley/conformance";
import { describe, expect, test } from "vitest";
import { startExtractor } from "../testing/extractor-process.ts";
import { performProblem } from "../testing/real-perform.ts";

const reason = performProblem();
/** A bomb that is not stopped before would end for want of space, which is not what the corpus says. */
const scratchBytes = 2 ** 30;
/** One process takes so many, as one command does layers: its memory tells of archives, not of what a long life leaves behind. */
const shareArchives = 70;
const cageKiB = 256 * 1024;

interface Share {
  readonly verdicts: readonly ArchiveVerdict[];
  readonly nodeKiB: number;
  readonly stageKiB: number;
  /** Processes that are left. */
  readonly children: string;
}

/** Unpacks a share of the corpus in one process. */
async function unpack(archives: readonly ArchiveCase[]): Promise<Share> {
  using scratch = makeScratch({ sizeBytes: scratchBytes });
  await using extractor = startExtractor();
  const verdicts: ArchiveVerdict[] = [];
  for await (const verdict of archiveSuite(extractor, { scratchPath: scratch.hostPath, archives }))
    verdicts.push(verdict);
  const { nodeKiB = 0, stageKiB = 0, children = "" } = extractor.last() ?? {};
  return { verdicts, nodeKiB, stageKiB, children };
}

/** Two processes at a time. */
async function unpackAll(archives: readonly ArchiveCase[]): Promise<Share[]> {
  const count = Math.ceil(archives.length / shareArchives);
  const waiting = Array.from({ length: count }, (_, share) => archives.filter((_, index) => index % count === share));
  const shares: Share[] = [];
  const work = async (): Promise<void> => {
    for (let next = waiting.pop(); next; next = waiting.pop()) shares.push(await unpack(next));
  };
  await Promise.all([work(), work()]);
  return shares;
}

describe.skipIf(reason)(`applyLayer() and the corpus of archives${reason && ` (skipped: ${reason})`}`, () => {
  test.for([
    ["hostile", hostileArchives, 120],
    ["benign", benignArchives, 80],
  ] as const)("takes every %s archive as the corpus says, in bounded memory", { timeout: 300_000 }, async (args) => {
    const [corpus, archives, least] = args;
    const shares = await unpackAll(archives);
    const verdicts = shares.flatMap((share) => share.verdicts);
    const wrong = verdicts.filter(({ problem }) => problem !== undefined);
    expect(wrong.map(({ archive, transport, problem }) => `${archive} (${transport}): ${problem}`)).toEqual([]);
    expect(new Set(verdicts.map(({ archive }) => archive)).size).toBe(archives.length);
    expect(archives.length).toBeGreaterThanOrEqual(least);
    for (const { nodeKiB, stageKiB, children } of shares) {
      expect(nodeKiB).toBeLessThan(cageKiB);
      expect(stageKiB).toBeLessThan(8 * 1024);
      expect(children, "no process is left").toBe("");
    }
    const [node, stage] = (["nodeKiB", "stageKiB"] as const).map((name) =>
      Math.max(...shares.map((share) => share[name])),
    );
    console.log(`${archives.length} ${corpus} archives, ${verdicts.length} runs: at most ${node} KiB and ${stage} KiB`);
  });
});
