import { galleyError } from "@galley/spec";
import type { LayerChange } from "../layer/layer-change.ts";

/** A change that is an entry of a layer, not content, not a mark. */
export type EntryChange = Extract<LayerChange, { path: string }>;

/** Which entry of which layer a path is in the end. */
export interface Winner {
  readonly layer: number;
  /** Counts the entries of the layer. */
  readonly ordinal: number;
  readonly isDirectory: boolean;
}

/** What is left of layers when they are laid over each other. */
export interface Survey {
  readonly winners: ReadonlyMap<string, Winner>;
  /** Of directories that are left. */
  readonly directories: ReadonlyMap<string, LayerChange>;
  /** Names under which a file goes on whose own name is gone: by layer, by the old name. */
  readonly renamed: readonly ReadonlyMap<string, string>[];
}

interface Note {
  readonly change: EntryChange;
  readonly ordinal: number;
}

/** What the layers looked at so far, which lie above, hide. */
interface Above {
  readonly winners: Map<string, Winner>;
  readonly gone: Set<string>;
  readonly opaque: Set<string>;
  /** Directories that are there because something is in them. */
  readonly implied: Set<string>;
}

/**
 * Reads layers from the uppermost down and notes what is seen of each (OCI image-spec, layer.md "Applying Changesets"). Memory
 * holds a note for each path.
 *
 * @throws unsupported image.flatten-link for a hard link to a file of a lower layer that is gone
 */
export async function surveyLayers(layers: readonly (() => AsyncIterable<readonly LayerChange[]>)[]): Promise<Survey> {
  const above: Above = { winners: new Map(), gone: new Set(), opaque: new Set(), implied: new Set() };
  const directories = new Map<string, LayerChange>();
  const renamed: Map<string, string>[] = layers.map(() => new Map());
  const toLower: { layer: number; existing: string }[] = [];
  for (let layer = layers.length - 1; layer >= 0; layer -= 1) {
    const { notes, marks } = await readNotes(layers[layer]?.() ?? none());
    const left = [...notes.values()].filter((note) => isSeen(note, notes, above));
    for (const { change, ordinal } of left) {
      const isDirectory = change.type === "directory";
      above.winners.set(change.path, { layer, ordinal, isDirectory });
      if (isDirectory) directories.set(change.path, change);
    }
    for (const existing of settleLinks(left, notes, { winners: above.winners, layer, renamed: renamed[layer] }))
      toLower.push({ layer, existing });
    // What is no directory ends what lower layers have under its name, also where a directory above hides it.
    for (const { change } of notes.values()) if (change.type !== "directory") above.gone.add(change.path);
    for (const path of [...notes.keys(), ...marks.map((mark) => mark.path)])
      for (const parent of parents(path)) above.implied.add(parent);
    for (const { type, path } of marks) (type === "opaque" ? above.opaque : above.gone).add(path);
    for (const { type, path } of marks) if (type === "opaque") above.implied.add(path);
  }
  for (const { layer, existing } of toLower) {
    const target = above.winners.get(existing);
    if (!target || target.layer >= layer || target.isDirectory) throw lostLink(existing);
  }
  return { winners: above.winners, directories, renamed };
}

async function* none(): AsyncIterable<readonly LayerChange[]> {}

/** Of a path that comes twice the later entry counts. */
async function readNotes(batches: AsyncIterable<readonly LayerChange[]>) {
  const notes = new Map<string, Note>();
  const marks: EntryChange[] = [];
  let ordinal = 0;
  for await (const batch of batches)
    for (const change of batch) {
      if (!("path" in change)) continue;
      ordinal += 1;
      if (change.type === "whiteout" || change.type === "opaque") marks.push(change);
      else notes.set(change.path, { change, ordinal });
    }
  return { notes, marks };
}

function isSeen({ change, ordinal }: Note, notes: ReadonlyMap<string, Note>, above: Above): boolean {
  const { path } = change;
  if (above.winners.has(path) || above.gone.has(path)) return false;
  if (change.type !== "directory" && above.implied.has(path)) return false;
  for (const parent of parents(path)) {
    if (above.gone.has(parent) || above.opaque.has(parent)) return false;
    const winner = above.winners.get(parent);
    if (winner && !winner.isDirectory) return false;
    const beside = notes.get(parent);
    if (beside && beside.change.type !== "directory" && beside.ordinal > ordinal) return false;
  }
  return true;
}

/** The directories that a path is in, the root included. */
function* parents(path: string): Iterable<string> {
  for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) yield path.slice(0, at);
  if (path !== "") yield "";
}

/** Gives files whose own name is gone the name of their first link; tells which links lead to lower layers. */
function settleLinks(
  left: readonly Note[],
  notes: ReadonlyMap<string, Note>,
  into: { winners: ReadonlyMap<string, Winner>; layer: number; renamed: Map<string, string> | undefined },
): string[] {
  const toLower: string[] = [];
  for (const { change, ordinal } of left) {
    if (change.type !== "link") continue;
    const target = linkTarget(change.existing, notes);
    if (target === undefined) toLower.push(change.existing);
    else if (target.ordinal > ordinal) throw lostLink(change.existing);
    else if (into.winners.get(target.change.path)?.layer !== into.layer && !into.renamed?.has(target.change.path))
      into.renamed?.set(target.change.path, change.path);
  }
  return toLower;
}

/** The file behind a link, through other links of the layer; undefined when it is not in this layer. */
export function linkTarget(existing: string, notes: ReadonlyMap<string, Note>): Note | undefined {
  let note = notes.get(existing);
  for (let hops = 0; note?.change.type === "link"; hops += 1) {
    if (hops > notes.size) throw lostLink(existing);
    note = notes.get(note.change.existing);
  }
  return note;
}

function lostLink(existing: string) {
  const message = `a hard link to ${JSON.stringify(existing)} cannot be kept when layers become one`;
  return galleyError("unsupported", "image.flatten-link", message);
}
