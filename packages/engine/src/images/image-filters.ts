import type { Engine } from "../engine.ts";
import { findImageEntry } from "./find-image.ts";
import { imageIdsInUse } from "./images-in-use.ts";
import type { ImageSummary } from "./list-images.ts";
import { referenceMatches } from "./reference-pattern.ts";

/** Which images to take: those for which everything given holds. */
export interface ImageFilters {
  /** True: those without a name. False: those with one. */
  readonly dangling?: boolean;
  /** Whether a container was made from it. */
  readonly containers?: boolean;
  /** Made before this image, by name or id. */
  readonly before?: string;
  /** Made after this image, by name or id. */
  readonly since?: string;
  /** Made before this moment, in milliseconds since 1970. */
  readonly untilMs?: number;
  /** Labels it has, with that value where one is given. */
  readonly labels?: readonly LabelFilter[];
  /** Labels it must not have. */
  readonly notLabels?: readonly LabelFilter[];
  /** Patterns of names, of which one fits. */
  readonly references?: readonly string[];
  /** Beginnings of ids, of which one fits. */
  readonly ids?: readonly string[];
  /** Beginnings of the manifest's digest, of which one fits. */
  readonly digests?: readonly string[];
  /** Never true here: there are no read-only stores and no intermediate images. */
  readonly readOnly?: boolean;
  readonly intermediate?: boolean;
}

/** A label to look for. */
export interface LabelFilter {
  readonly name: string;
  readonly value?: string;
}

type Test = (image: ImageSummary) => boolean;

/**
 * One test out of many.
 *
 * @throws not-found engine.image-unknown for `before` and `since`
 *
 * @example
 * const nameless = listImages(engine).filter(imageFilter(engine, { dangling: true }));
 */
export function imageFilter(engine: Engine, filters: ImageFilters): Test {
  const tests = [
    ...nameTests(filters),
    ...timeTests(engine, filters),
    ...labelTests(filters),
    ...useTests(engine, filters),
  ];
  return (image) => tests.every((test) => test(image));
}

/** An image that nobody named, and nobody asked for by its digest. */
export function isDangling({ names, pulledByDigest }: ImageSummary): boolean {
  return names.length === 0 && !pulledByDigest;
}

function nameTests({ dangling, references, ids, digests, readOnly, intermediate }: ImageFilters): Test[] {
  const tests: Test[] = [];
  if (dangling !== undefined) tests.push((image) => isDangling(image) === dangling);
  if (references)
    tests.push(({ names }) => names.some((name) => references.some((each) => referenceMatches(each, name))));
  if (ids) tests.push(({ id }) => ids.some((each) => id.startsWith(each.replace(/^sha256:/, ""))));
  if (digests) tests.push(({ manifest }) => digests.some((each) => manifest.digest.startsWith(each)));
  if (readOnly || intermediate) tests.push(() => false);
  return tests;
}

function timeTests(engine: Engine, { before, since, untilMs }: ImageFilters): Test[] {
  const tests: Test[] = [];
  const createdAtMs = (name: string): number => findImageEntry(engine, name).value.createdAtMs;
  if (before !== undefined) tests.push(isBefore(createdAtMs(before)));
  if (since !== undefined) {
    const moment = createdAtMs(since);
    tests.push((image) => image.createdAtMs > moment);
  }
  if (untilMs !== undefined) tests.push(isBefore(untilMs));
  return tests;
}

function isBefore(moment: number): Test {
  return ({ createdAtMs }) => createdAtMs < moment;
}

function labelTests({ labels = [], notLabels = [] }: ImageFilters): Test[] {
  return [
    ...labels.map(
      (label): Test =>
        ({ execution }) =>
          hasLabel(execution.Labels, label),
    ),
    ...notLabels.map(
      (label): Test =>
        ({ execution }) =>
          !hasLabel(execution.Labels, label),
    ),
  ];
}

/** Does something with these labels have that one? */
export function hasLabel(labels: Readonly<Record<string, string>> | undefined, { name, value }: LabelFilter): boolean {
  if (!labels || !Object.hasOwn(labels, name)) return false;
  return value === undefined || labels[name] === value;
}

function useTests(engine: Engine, { containers }: ImageFilters): Test[] {
  if (containers === undefined) return [];
  const used = imageIdsInUse(engine);
  return [({ id }) => used.has(id) === containers];
}
