import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { benignArchives } from "../benign/benign-archives.ts";
import { forgeArchive } from "../forge/forge-archive.ts";
import { hostileArchives } from "../hostile/hostile-archives.ts";
import type { ArchiveCase } from "./archive-case.ts";
import { type Canary, differences, makeCanary } from "./canary.ts";
import { readTree, type TreeLines } from "./read-tree.ts";
import { type TransportName, transports, usualTransports } from "./transports.ts";

/** Something that unpacks layers. */
export interface Extractor {
  /**
   * Unpacks an archive, compressed or not, into an empty directory. Throws when it refuses; the rest of the directory is then of no
   * interest.
   */
  extract(archive: AsyncIterable<Uint8Array>, hostPath: string): Promise<void>;
  /** What becomes of whiteouts: overlayfs' marks, or nothing, since they are applied to what was there before. */
  readonly whiteouts: "overlay" | "applied";
  /** The code of an error of its own, to be compared with what the corpus says of Galley; left out, any refusal will do. */
  readonly codeOf?: (error: unknown) => string | undefined;
}

/** Where and what to try. */
export interface ArchiveSuiteOptions {
  /** An empty directory on a file system with extended attributes, for root alone. */
  readonly scratchPath: string;
  /** All hostile and benign ones when left out. */
  readonly archives?: readonly ArchiveCase[];
  /** Archives by name of which a difference is known, with the reason; containment is asked of them all the same. */
  readonly knownDifferences?: Readonly<Record<string, string>>;
}

/** What came of one archive in one transport. */
export interface ArchiveVerdict {
  readonly archive: string;
  readonly transport: TransportName;
  readonly outcome: "exact" | "contained" | "refused" | "known difference";
  /** What is wrong; undefined when nothing is. */
  readonly problem: string | undefined;
  readonly durationMs: number;
}

/**
 * Runs archives through an extractor, each in all of its transports, one after the other. A benign archive must give exactly its
 * tree; a hostile one must be refused or stay inside: nothing in a tree beside it may change, and nothing may be mounted.
 *
 * @example
 * const extract = (archive, hostPath) => pipeline(archive, spawn("tar", ["-xC", hostPath]).stdin);
 * for await (const { archive, problem } of archiveSuite({ extract, whiteouts: "applied" }, { scratchPath }))
 *   if (problem !== undefined) console.log(`${archive}: ${problem}`);
 */
export async function* archiveSuite(extractor: Extractor, options: ArchiveSuiteOptions): AsyncIterable<ArchiveVerdict> {
  const canary = makeCanary(join(options.scratchPath, "canary"));
  const archives = options.archives ?? [...hostileArchives, ...benignArchives];
  for (const archive of archives)
    for (const transport of archive.transports ?? usualTransports)
      yield await attempt({ extractor, canary, archive, transport, options });
}

interface Attempt {
  readonly extractor: Extractor;
  readonly canary: Canary;
  readonly archive: ArchiveCase;
  readonly transport: TransportName;
  readonly options: ArchiveSuiteOptions;
}

async function attempt(what: Attempt): Promise<ArchiveVerdict> {
  const { extractor, canary, archive, transport, options } = what;
  const store = join(options.scratchPath, "store");
  const tree = join(store, "tree");
  mkdirSync(tree, { recursive: true, mode: 0o755 });
  chmodSync(tree, 0o755);
  const { ino } = statSync(tree, { bigint: true });
  const words = { "{canary}": canary.hostPath, "{up}": "../../canary", ...archive.words };
  const start = performance.now();
  const nowSeconds = Math.floor(Date.now() / 1000) - 1;
  const outcome = await extractor.extract(transports[transport](forgeArchive({ ...archive, words })), tree).then(
    () => "unpacked" as const,
    (error: unknown) => ({ error }),
  );
  const durationMs = performance.now() - start;
  const escaped = [...canary.changes(), ...strayNames(options.scratchPath, store)];
  if (statSync(tree, { bigint: true, throwIfNoEntry: false })?.ino !== ino && outcome === "unpacked")
    escaped.push("the root became another directory");
  const known = options.knownDifferences?.[archive.name];
  const found = outcome === "unpacked" ? "unpacked" : outcome.error;
  const wrong = known === undefined ? judge(what, tree, { found, nowSeconds }) : undefined;
  const kind = outcome !== "unpacked" ? "refused" : "tree" in archive ? "exact" : "contained";
  execFileSync("rm", ["-rf", "--", store]); // which removes deeper trees than Node can name
  const problem = escaped.length > 0 ? `not contained: ${escaped.join("; ")}` : wrong;
  return { archive: archive.name, transport, outcome: known ? "known difference" : kind, problem, durationMs };
}

function strayNames(scratchPath: string, store: string): string[] {
  const stray = [
    ...readdirSync(scratchPath).filter((name) => name !== "canary" && name !== "store"),
    ...readdirSync(store).filter((name) => name !== "tree"),
  ];
  return stray.map((name) => `${name} beside the tree`);
}

function judge(
  { extractor, archive }: Attempt,
  tree: string,
  { found, nowSeconds }: { readonly found: unknown; readonly nowSeconds: number },
): string | undefined {
  if ("tree" in archive) {
    if (found !== "unpacked") return `refused: ${String(found)}`;
    return treeProblem(archive.tree, tree, { extractor, nowSeconds });
  }
  if (!extractor.codeOf) return undefined;
  const { expected } = archive;
  if ("contained" in expected) {
    if (expected.contained === "anything") return undefined;
    if (found !== "unpacked") return `refused: ${String(found)}`;
    return treeProblem(expected.contained, tree, { extractor, nowSeconds });
  }
  if (found === "unpacked") return `not refused: ${JSON.stringify(readTree(tree, { nowSeconds }))}`;
  const code = extractor.codeOf(found);
  return code === expected.refused ? undefined : `refused as ${code}, not ${expected.refused}: ${String(found)}`;
}

function treeProblem(
  wanted: TreeLines,
  hostPath: string,
  { extractor, nowSeconds }: { readonly extractor: Extractor; readonly nowSeconds: number },
): string | undefined {
  const tree = readTree(hostPath, { nowSeconds });
  // An archive that says nothing of its root leaves its time to the extractor.
  const whole = { ".": "dir 755", ...wanted };
  const found = wanted["."] === undefined ? { ...tree, ".": tree["."]?.replace(/ @.*$/, "") ?? "nothing" } : tree;
  const different = differences(extractor.whiteouts === "applied" ? withoutMarks(whole) : whole, found);
  return different.length === 0 ? undefined : different.join("; ");
}

/** What a tree is when whiteouts are applied: none is left. */
function withoutMarks(lines: TreeLines): TreeLines {
  const entries = Object.entries(lines).filter(([, line]) => line !== "whiteout");
  return Object.fromEntries(entries.map(([name, line]) => [name, line.replace(/ opaque\b/, "")]));
}
