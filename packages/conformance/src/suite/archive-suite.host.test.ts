import { describe, expect, test } from "vitest";
import { benignArchives } from "../benign/benign-archives.ts";
import { hostileLinks } from "../hostile/links.ts";
import { gnuTar, hasGnuTar } from "../reference/gnu-tar.ts";
import { gnuTarDifferences, type KnownDifferences, umociDifferences } from "../reference/known-differences.ts";
import { hasUmoci, umoci } from "../reference/umoci.ts";
import type { ArchiveCase } from "./archive-case.ts";
import { type ArchiveVerdict, archiveSuite, type Extractor } from "./archive-suite.ts";
import { makeScratch } from "./make-scratch.ts";

const notRoot = process.getuid?.() === 0 ? "" : "needs root";
const noTar = notRoot || (hasGnuTar() ? "" : "needs GNU tar");
const noUmoci = notRoot || (hasUmoci() ? "" : "needs umoci");

async function verdictsOf(extractor: Extractor, archives: readonly ArchiveCase[]): Promise<ArchiveVerdict[]> {
  using scratch = makeScratch({ sizeBytes: 2 ** 28 });
  const verdicts: ArchiveVerdict[] = [];
  for await (const verdict of archiveSuite(extractor, { scratchPath: scratch.hostPath, archives }))
    verdicts.push(verdict);
  return verdicts;
}

/** Those that travel plain, which is what these programs are given. Of 100 GiB with holes not all programs make holes. */
const plain = benignArchives
  .filter(({ transports, name }) => transports === undefined && !name.includes("100 GiB"))
  .map((archive) => ({ ...archive, transports: ["plain"] as const }));

/** Exactly the known differences differ: one that is gone is to be struck off. */
async function expectDifferences(extractor: Extractor, known: KnownDifferences): Promise<void> {
  const wrong = (await verdictsOf(extractor, plain)).filter(({ problem }) => problem !== undefined);
  expect(wrong.filter(({ archive }) => known[archive] === undefined)).toEqual([]);
  const names = new Set(plain.map(({ name }) => name));
  expect(
    Object.keys(known)
      .filter((name) => names.has(name))
      .sort(),
  ).toEqual(wrong.map(({ archive }) => archive).sort());
}

describe.skipIf(noTar)(`archiveSuite() and GNU tar${noTar && ` (skipped: ${noTar})`}`, () => {
  test("agrees on benign archives but for the known differences", () => expectDifferences(gnuTar(), gnuTarDifferences));

  test("finds what gets out when tar is told to trust names and links", async () => {
    const escaped: string[] = [];
    const ends = (name: unknown) => typeof name === "string" && name.startsWith("/") && !name.startsWith("/proc/self");
    const harmless = hostileLinks.filter(
      ({ entries }) => !entries.some(({ name, linkName }) => ends(name) || ends(linkName)) && entries.length < 100,
    );
    for (const archive of harmless) {
      const verdicts = await verdictsOf(gnuTar({ trusting: true }), [{ ...archive, transports: ["plain"] }]);
      if (verdicts.some(({ problem }) => problem?.startsWith("not contained"))) escaped.push(archive.name);
    }
    expect(escaped).toContain("a file through a relative link to the canary");
    expect(escaped).toContain("a hard link to the canary by an absolute path");
    expect(escaped.length).toBeGreaterThan(10);
  });
});

describe.skipIf(noUmoci)(`archiveSuite() and umoci${noUmoci && ` (skipped: ${noUmoci})`}`, () => {
  test("agrees on benign archives but for the known differences", () => expectDifferences(umoci, umociDifferences));
});
