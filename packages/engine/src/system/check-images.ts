import { type Digest, isGalleyError } from "@galley/spec";
import { checkStorage, type Problem } from "@galley/storage";
import { containerRecords } from "../containers/container-record.ts";
import { containerState } from "../containers/container-state.ts";
import { removeContainer } from "../containers/remove-container.ts";
import type { Engine } from "../engine.ts";
import { collectImages, liveContent } from "../images/collect-images.ts";
import { type ImageRecord, imageRecords } from "../images/image-record.ts";
import { remakeLayer } from "../images/remake-layer.ts";
import type { CheckSystemOptions } from "./check-system.ts";
import type { SystemProblem } from "./system-problem.ts";

/** Compares blobs and unpacked layers with the images' records, both ways, and mends from what there is. */
export async function* checkImages(engine: Engine, options: CheckSystemOptions): AsyncGenerator<SystemProblem> {
  const problems = await findAll(engine, options);
  if (options.repair && problems.some(({ problem }) => problem === "unreferenced")) await collectImages(engine);
  for (const problem of problems) yield await mend(engine, problem, options);
  if (!options.quick && engine.ports.walk) yield* compareLayers(engine, problems, options);
}

/** Unpacked layers byte by byte against their blobs, where both are there. It takes the room of one layer at a time. */
async function* compareLayers(
  engine: Engine,
  known: readonly Problem[],
  options: CheckSystemOptions,
): AsyncGenerator<SystemProblem> {
  const { signal } = options;
  const bad = new Set(known.map(({ digest }) => digest));
  const seen = new Set<Digest>();
  for (const { value: image } of imageRecords(engine).list()) {
    for (const { chainId, descriptor } of image.layers) {
      if (seen.has(chainId) || bad.has(chainId) || bad.has(descriptor.digest)) continue;
      seen.add(chainId);
      const found = await remakeLayer(engine, image, chainId, { compare: true, signal }).catch(unlessFull);
      if (found === undefined) return yield notCompared(chainId);
      if (found === "different")
        yield await mend(engine, { object: "layer", digest: chainId, problem: "damaged" }, options);
    }
  }
}

/** Undefined when there is no room to unpack a layer once more. */
function unlessFull(error: unknown): undefined {
  if (!isGalleyError(error, "unavailable")) throw error;
}

function notCompared(id: Digest): SystemProblem {
  return { object: "layer", id, problem: "and others could not be compared for want of room", harmless: "note" };
}

async function findAll(engine: Engine, { quick = false, signal }: CheckSystemOptions): Promise<Problem[]> {
  const { content, layers, leases } = engine.storage;
  const roots = async () => liveContent(engine);
  const found: Problem[] = [];
  const options = { content, layers, leases, roots, readBlobs: !quick, ...(signal ? { signal } : {}) };
  for await (const problem of checkStorage(options)) found.push(problem);
  return found; // blobs first: a layer is mended from a blob that is known to be good
}

async function mend(engine: Engine, problem: Problem, options: CheckSystemOptions): Promise<SystemProblem> {
  const found = describe(problem);
  if (!options.repair) return found;
  if (problem.problem === "unreferenced") return { ...found, mended: "was removed" };
  const mended = await (problem.object === "layer" ? mendLayer : mendBlob)(engine, problem.digest);
  if (mended !== undefined) return { ...found, mended };
  if (!options.repairLossy) return found;
  return { ...found, mended: await removeUsers(engine, problem.digest) };
}

function describe({ object, digest, problem, sizeBytes }: Problem): SystemProblem {
  const phrases = { missing: "is missing", damaged: "is damaged", unreferenced: "is needed by nothing" } as const;
  return {
    object,
    id: digest,
    problem: phrases[problem],
    ...(problem === "unreferenced" ? { harmless: "unneeded" as const } : {}),
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
  };
}

/** Bytes cannot be guessed. A damaged blob goes, so that the next pull of an image brings it again. */
async function mendBlob(engine: Engine, digest: Digest): Promise<undefined> {
  await engine.storage.content.delete(digest);
}

/** An unpacked layer is made again from its blob, unless something runs on it. */
async function mendLayer(engine: Engine, chainId: Digest): Promise<string | undefined> {
  const image = imagesWith(engine, chainId)[0];
  if (!image || isRunning(engine, chainId)) return undefined;
  try {
    await remakeLayer(engine, image, chainId, { replace: true });
    return "was unpacked again";
  } catch {
    return undefined; // its blob is damaged, too, which is told apart
  }
}

function imagesWith(engine: Engine, digest: Digest): ImageRecord[] {
  return imageRecords(engine)
    .list()
    .map(({ value }) => value)
    .filter(
      ({ manifest, config, layers }) =>
        manifest.digest === digest ||
        config.digest === digest ||
        layers.some(({ chainId, descriptor }) => chainId === digest || descriptor.digest === digest),
    );
}

function isRunning(engine: Engine, chainId: Digest): boolean {
  const images = new Set(imagesWith(engine, chainId).map(({ id }) => id));
  return containerRecords(engine)
    .list()
    .some(
      ({ value }) =>
        images.has(value.imageId) && ["running", "starting"].includes(containerState(engine, value).status),
    );
}

/** Removes the images that need what cannot be mended, with the containers made from them. */
async function removeUsers(engine: Engine, digest: Digest): Promise<string> {
  const images = imagesWith(engine, digest);
  for (const { id } of images) {
    const users = containerRecords(engine)
      .list()
      .filter(({ value }) => value.imageId === id);
    for (const { key } of users) await removeContainer(engine, key, { force: true, timeoutS: 0 });
    imageRecords(engine).delete(id);
  }
  await collectImages(engine);
  if (images.length === 0) return "is gone with its image";
  return `was removed with ${images.map(({ id }) => `image ${id.slice(0, 12)}`).join(", ")}`;
}
