import type { LayerChange } from "../layer/layer-change.ts";
import { type LayerChangesOptions, layerChanges } from "../layer/layer-changes.ts";
import { comparePaths } from "../tree/entry-cursor.ts";
import { type Survey, surveyLayers } from "./survey-layers.ts";

/**
 * Layers as one: what is seen of them when they are laid over each other, without whiteouts. Give their uncompressed archives,
 * lowest first; each is read twice, first for its names, which are held in memory, then for its content, which is not.
 * Directories come first. The same layers give the same changes.
 *
 * @throws what `layerChanges` throws; unsupported image.flatten-link
 *
 * @example
 * const open = layers.map(({ descriptor }) => async function* () {
 *   yield* decompress(await content.fetch(descriptor));
 * });
 * const tar = writeChanges(flattenLayers(open));
 */
export async function* flattenLayers(
  layers: readonly (() => AsyncIterable<Uint8Array>)[],
  options: LayerChangesOptions = {},
): AsyncIterable<LayerChange[]> {
  const opened = layers.map((open) => () => layerChanges(open(), options));
  const survey = await surveyLayers(opened);
  const paths = [...survey.directories.keys()].sort(comparePaths);
  yield paths.flatMap((path) => survey.directories.get(path) ?? []);
  for (const [layer, open] of opened.entries()) {
    const filter = createFilter(survey, layer);
    for await (const batch of open()) {
      const left = batch.flatMap(filter);
      if (left.length > 0) yield left;
    }
  }
}

/** Lets through what is left of one layer, but for directories. */
function createFilter({ winners, renamed }: Survey, layer: number): (change: LayerChange) => LayerChange[] {
  const names = renamed[layer] ?? new Map<string, string>();
  const firstLinks = new Set(names.values());
  /** Links that lead to another link lead to what that one leads to. */
  const targets = new Map<string, string>();
  let ordinal = 0;
  let passing = false;
  return (change) => {
    if (!("path" in change)) return passing ? [change] : [];
    ordinal += 1;
    passing = false;
    if (change.type === "whiteout" || change.type === "opaque" || change.type === "directory") return [];
    const target = change.type === "link" ? (targets.get(change.existing) ?? change.existing) : undefined;
    if (target !== undefined) targets.set(change.path, target);
    const winner = winners.get(change.path);
    const isLeft = winner?.layer === layer && winner.ordinal === ordinal;
    if (change.type === "link" && target !== undefined) {
      if (!isLeft || (firstLinks.has(change.path) && names.get(target) === change.path)) return [];
      return [{ ...change, existing: names.get(target) ?? target }];
    }
    const name = isLeft ? change.path : names.get(change.path);
    passing = name !== undefined && change.type === "file";
    return name === undefined ? [] : [{ ...change, path: name } as LayerChange];
  };
}
