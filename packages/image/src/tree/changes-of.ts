import { galleyError } from "@galley/spec";
import { layerXattr, overlayMark } from "../layer/kept-xattrs.ts";
import type { LayerChange } from "../layer/layer-change.ts";
import { chunkBytes } from "../limits.ts";
import type { TreeEntry } from "./tree-entry.ts";

/** How a tree is read as changes. */
export interface ChangesOfOptions {
  /**
   * The tree is an upper directory of overlayfs whose marks are extended attributes of this name space: 0/0 devices are
   * whiteouts, and directories may be opaque (overlayfs.rst, "whiteouts and opaque directories"). Otherwise it is a plain tree.
   */
  readonly marks?: "trusted" | "user" | undefined;
  /** Whole seconds, as podman and docker write them, unless "exact". */
  readonly times?: "seconds" | "exact" | undefined;
  /**
   * The tree may be written to meanwhile: a file that got shorter is filled up with zeros, as tar(1) does, and not refused with
   * conflict.
   */
  readonly live?: boolean | undefined;
  /** "archive" when it is not to be a layer: then names like `.wh.x` are names like others. */
  readonly as?: "layer" | "archive" | undefined;
}

/**
 * A tree as the changes of a layer, in batches, in the order of its entries, which must be depth first. Of the names of one file
 * the first is the file, the others are links to it. Sockets are left out, since no archive holds them; of extended attributes
 * those stay that layers may carry.
 *
 * @throws unsupported image.overlay-redirect: a mark with which files lie elsewhere; image.whiteout-name: a file whose name would
 *   be taken for a whiteout; invalid image.overlay-mark: a 0/0 device in a plain tree
 *
 * @example
 * for await (const changes of changesOf(walkTree(upper, { content: true, xattrs: true }), { marks: "trusted" })) …
 */
export async function* changesOf(
  entries: AsyncIterable<TreeEntry>,
  options: ChangesOfOptions = {},
): AsyncIterable<LayerChange[]> {
  const firstNames = createFirstNames();
  for await (const entry of entries) {
    if (entry.type === "socket") continue;
    if (isWhiteout(entry)) {
      yield [whiteoutOf(entry, options)];
      continue;
    }
    if (options.as !== "archive") refuseWhiteoutName(entry);
    const existing = firstNames(entry);
    if (existing !== undefined) {
      yield [{ ...commonOf(entry, options), type: "link", existing }];
      continue;
    }
    yield changes(entry, options);
    if (entry.type !== "file") continue;
    for await (const bytes of wholeContent(entry, options)) yield [{ type: "data", bytes }];
    yield [{ type: "fileEnd" }];
  }
}

function commonOf(entry: TreeEntry, { marks, times }: ChangesOfOptions) {
  const { path, mode, uid, gid } = entry;
  const nanoseconds = times === "exact" ? entry.mtimeNanoseconds : 0;
  return {
    path,
    attributes: { uid, gid, mode, seconds: entry.mtimeSeconds, nanoseconds },
    xattrs: keptXattrs(entry, marks),
  };
}

function changes(entry: TreeEntry, options: ChangesOfOptions): LayerChange[] {
  const { path } = entry;
  const common = commonOf(entry, options);
  switch (entry.type) {
    case "directory": {
      const directory: LayerChange = { ...common, type: "directory" };
      return isOpaque(entry, options.marks) ? [directory, { type: "opaque", path }] : [directory];
    }
    case "symlink":
      return [{ ...common, type: "symlink", target: entry.linkTarget ?? "" }];
    case "character":
    case "block":
      return [{ ...common, ...entry.device, type: entry.type }];
    case "fifo":
      return [{ ...common, type: "fifo" }];
    default:
      return [{ ...common, type: "file", sizeBytes: entry.sizeBytes }];
  }
}

function isWhiteout({ type, device }: TreeEntry): boolean {
  return type === "character" && device.major === 0 && device.minor === 0;
}

function whiteoutOf({ path }: TreeEntry, { marks }: ChangesOfOptions): LayerChange {
  if (marks === undefined) throw overlayMark(path, "the device 0:0");
  return { type: "whiteout", path };
}

function refuseWhiteoutName({ path }: TreeEntry): void {
  if (!path.slice(path.lastIndexOf("/") + 1).startsWith(".wh.")) return;
  const message = `a layer cannot hold ${JSON.stringify(path)}: its name would be taken for a whiteout`;
  throw galleyError("unsupported", "image.whiteout-name", message, { details: { path } });
}

/** Tells, for a file that has several names, the one that came first; undefined when this is it. */
function createFirstNames(): (entry: TreeEntry) => string | undefined {
  const known = new Map<string, string>();
  return ({ path, type, links, fileSystem, inode }) => {
    if (links < 2 || type === "directory") return undefined;
    const file = `${fileSystem.major}:${fileSystem.minor}:${inode}`;
    const first = known.get(file);
    if (first === undefined) known.set(file, path);
    return first;
  };
}

type Marks = ChangesOfOptions["marks"];

/** Marks that only say where a file comes from mean nothing elsewhere; these say that it is not here. */
const elsewhere = ["redirect", "metacopy", "whiteout"];

function keptXattrs({ path, type, xattrs }: TreeEntry, marks: Marks): ReadonlyMap<string, Uint8Array> {
  if (xattrs.size === 0) return xattrs;
  const mark = elsewhere.map((name) => `${marks}.overlay.${name}`).find((name) => xattrs.has(name));
  if (mark !== undefined) throw isElsewhere(path, mark);
  return new Map([...xattrs].filter(([name]) => layerXattr(name, type)));
}

function isOpaque({ xattrs }: TreeEntry, marks: Marks): boolean {
  const value = marks === undefined ? undefined : xattrs.get(`${marks}.overlay.opaque`);
  return value?.length === 1 && value[0] === 0x79;
}

function isElsewhere(path: string, name: string): Error {
  const message = `${path || "/"} has the mark ${name}: what it holds lies elsewhere, which a layer cannot say`;
  return galleyError("unsupported", "image.overlay-redirect", message, { details: { path, name } });
}

const zeros = new Uint8Array(chunkBytes);

/** The header is written already, so a file has the size that it had. */
async function* wholeContent(entry: TreeEntry, { live }: ChangesOfOptions): AsyncIterable<Uint8Array> {
  let left = entry.sizeBytes;
  try {
    for await (const bytes of entry.content()) {
      left -= bytes.length;
      yield bytes;
    }
  } catch (error) {
    if (!live || left < 0 || (error as { kind?: unknown }).kind !== "conflict") throw error;
  }
  for (; left > 0; left -= zeros.length) yield zeros.subarray(0, left);
}
