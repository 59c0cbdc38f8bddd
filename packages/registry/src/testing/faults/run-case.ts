import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { copyImage, memoryContent } from "@galley/image";
import { digestOf, type GalleyError, isGalleyError } from "@galley/spec";
import { openContent } from "@galley/storage";
import { expect } from "vitest";
import type { RegistryOptions } from "../../options.ts";
import { openRepository } from "../../repository.ts";
import { type Certificate, selfSigned } from "./certificates.ts";
import type { FaultCase } from "./kind.ts";
import { credentials, openWorld, repositoryName, type World } from "./world.ts";

export type Direction = "pull" | "push";

/** What came of one run. */
export interface Run {
  readonly direction: Direction;
  readonly name: string;
  readonly seed: number;
  readonly ended: "succeeded" | "failed as it should";
  readonly tookMs: number;
  /** Bytes of the layer that went over the wire more than once, in parts of the layer. */
  readonly repeated: number;
}

const deadlineMs = 20_000;
const quick: RegistryOptions = {
  retry: { attempts: 4, baseDelayMs: 30, maxDelayMs: 60 },
  timeouts: { connectMs: 3000, headersMs: 700, stallMs: 400 },
  credentials,
};

/** Runs one case and checks all that must hold whatever the fault is. */
export async function runCase(
  name: string,
  direction: Direction,
  { seed, ...what }: FaultCase & { readonly seed: number },
): Promise<Run> {
  const tls = what.tls && certificates[what.tls]();
  await using world = await openWorld({ seed, filled: direction === "pull", fault: what.fault(), tls });
  const address = (await what.address?.(world)) ?? world.server.address;
  const trusted = tls && what.tls === "expired" ? { tls: { ca: [tls.cert] } } : {};
  const options = { ...quick, ...trusted, ...what.client };
  const startMs = performance.now();
  const error = await failureOf(beforeDeadline((direction === "pull" ? pull : push)(world, address, options)));
  const tookMs = Math.round(performance.now() - startMs);
  checkOutcome(what, error);
  expect(world.leaks, "secrets at another host").toEqual([]);
  if (direction === "push") await checkRegistry(world, error === undefined);
  const repeated = repeatedBytes(world, direction) / world.image.layer.size;
  if (what.resumes) expect(repeated, "bytes that went twice").toBeLessThan(0.1);
  return { name, direction, seed, ended: error ? "failed as it should" : "succeeded", tookMs, repeated };
}

const certificates: Readonly<Record<NonNullable<FaultCase["tls"]>, () => Certificate>> = {
  untrusted: () => selfSigned(2),
  expired: () => selfSigned(-1),
};

async function beforeDeadline(work: Promise<void>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no end after ${deadlineMs} ms`)), deadlineMs);
  await Promise.race([work, promise]).finally(() => clearTimeout(timer));
}

async function failureOf(work: Promise<void>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error ?? new Error("failed with nothing"),
  );
}

function checkOutcome({ outcome }: FaultCase, error: unknown): void {
  if (outcome === "succeeds") {
    if (error !== undefined) throw new Error("should have succeeded", { cause: error });
    return;
  }
  expect(isGalleyError(error), `a GalleyError, not ${error}`).toBe(true);
  const { kind, code, message } = error as GalleyError;
  expect({ kind, code }).toEqual({ kind: outcome.kind, code: outcome.code || code });
  // One line for a terminal: no control characters, no secrets.
  expect(message).toMatch(/^[^\p{C}]{10,600}$/u);
  expect(message).not.toMatch(/secret/);
  if (outcome.message) expect(message).toMatch(outcome.message);
}

/** Into a content store on disk, in which nothing wrong may be found afterwards. */
async function pull(world: World, address: string, options: RegistryOptions): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "galley-faults-"));
  const content = openContent(folder);
  await using repository = openRepository(`${address}/${repositoryName}`, options);
  try {
    const root = await repository.resolve("v1");
    await copyImage(root, repository, content);
    for (const [digest, bytes] of world.image.blobs) {
      expect(await content.exists({ mediaType: "", digest, size: bytes.byteLength })).toBe(true);
    }
  } finally {
    for await (const { digest, sizeBytes } of content.list()) {
      const parts: Uint8Array[] = [];
      for await (const part of await content.fetch({ mediaType: "", digest, size: sizeBytes })) parts.push(part);
      expect(digestOf(Buffer.concat(parts))).toBe(digest);
    }
    await rm(folder, { recursive: true });
  }
}

async function push({ image }: World, address: string, options: RegistryOptions): Promise<void> {
  const source = memoryContent();
  for (const [digest, bytes] of [...image.blobs, [image.manifest.digest, image.manifestBytes] as const]) {
    await source.push({ mediaType: "", digest, size: bytes.byteLength }, pieces(bytes));
  }
  // In pieces, as from a disk: a registry that reads no more is then noticed.
  const inPieces: typeof source = {
    ...source,
    async fetch({ digest }, { offsetBytes = 0 } = {}) {
      return pieces((source.blobs.get(digest) ?? Buffer.alloc(0)).subarray(offsetBytes));
    },
  };
  await using repository = openRepository(`${address}/${repositoryName}`, options);
  await copyImage(image.manifest, inPieces, repository);
  await repository.tag("v1", image.manifest);
}

async function* pieces(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += 16_384) yield bytes.subarray(at, at + 16_384);
}

async function checkRegistry({ store, image }: World, succeeded: boolean): Promise<void> {
  for (const [digest, bytes] of image.blobs) {
    const stored = await store.blobs.get(repositoryName, digest);
    if (succeeded) expect(stored?.sizeBytes).toBe(bytes.byteLength);
    if (!stored) continue;
    const parts: Uint8Array[] = [];
    for await (const part of stored.read()) parts.push(part);
    expect(digestOf(Buffer.concat(parts))).toBe(digest);
  }
  const tags = await store.tags.list(repositoryName);
  expect(tags?.get("v1")).toBe(succeeded ? image.manifest.digest : undefined);
}

/** Bytes of the layer beyond its size: sent when it is pulled, taken when it is pushed. */
function repeatedBytes({ traffic, image }: World, direction: Direction): number {
  const { layer } = image;
  const bytes = traffic.map(({ method, path, sentBytes, receivedBytes, headers }) => {
    if (direction === "pull") return path.endsWith(layer.digest) ? sentBytes : 0;
    const large = Number(headers["content-length"]) > 20_000 || method === "PATCH";
    return large ? receivedBytes : 0;
  });
  return Math.max(0, bytes.reduce((sum, each) => sum + each, 0) - layer.size);
}
