import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, lstatSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { writeOciLayout } from "@galley/testing-images";
import type { DebianMirror } from "./debian-mirror.ts";
import { listTree, type TreeListing } from "./tree-listing.ts";

const run = promisify(execFile);
const bootstrapTimeoutMs = 400_000;
const largestTarBytes = 2 ** 30;

/** A Debian system, and an image of it made by GNU tar. */
export interface DebianImage {
  readonly treePath: string;
  readonly listing: TreeListing;
  /** An OCI layout with the tag `latest`. */
  readonly layoutPath: string;
}

/** Makes the image, or takes the one that an earlier run has left in the temporary folder if it is whole. */
export async function debianImage(mirror: DebianMirror): Promise<DebianImage> {
  const recipe = fingerprint([mirror.suite, readFileSync(join(import.meta.dirname, "odd-files.sh"), "utf8")]);
  const folder = join(tmpdir(), `galley-debian-minbase-${recipe.slice(0, 12)}`);
  const kept = readKept(folder);
  if (kept !== undefined) return kept;
  rmSync(folder, { recursive: true, force: true });
  const making = mkdtempSync(`${folder}.making-`);
  try {
    await make(making, mirror);
    renameSync(making, folder);
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
  return imageIn(folder);
}

/** What lies in a shared temporary folder may be somebody else's, or eaten by what tidies up there. */
function readKept(folder: string): DebianImage | undefined {
  if (!existsSync(join(folder, "listing"))) return undefined;
  if (lstatSync(folder).uid !== 0) throw new Error(`${folder} is not root's`);
  const image = imageIn(folder);
  const whole = readFileSync(join(folder, "listing"), "utf8") === fingerprint(image.listing.entries());
  return whole && existsSync(join(folder, "layout/index.json")) ? image : undefined;
}

function imageIn(folder: string): DebianImage {
  const treePath = join(folder, "tree");
  return { treePath, listing: listTree(treePath), layoutPath: join(folder, "layout") };
}

async function make(folder: string, { uri, suite }: DebianMirror): Promise<void> {
  const treePath = join(folder, "tree");
  const what = ["--variant=minbase", "--include=libcap2-bin", suite, treePath, uri];
  await run("debootstrap", what, { timeout: bootstrapTimeoutMs, maxBuffer: 1 << 24 });
  await run("bash", [join(import.meta.dirname, "odd-files.sh")], { cwd: treePath });
  const flags = ["--xattrs", "--xattrs-include=*", "--numeric-owner", "--format=pax", "--sort=name"];
  const { stdout: tar } = await run("tar", [...flags, "-C", treePath, "-cf", "-", "."], {
    encoding: "buffer",
    maxBuffer: largestTarBytes,
  });
  await writeOciLayout(join(folder, "layout"), "latest", [{ layers: [tar], config: { Cmd: ["bash"] } }]);
  writeFileSync(join(folder, "listing"), fingerprint(listTree(treePath).entries()));
}

function fingerprint(parts: Iterable<string | readonly string[]>): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(JSON.stringify(part));
  return hash.digest("hex");
}
