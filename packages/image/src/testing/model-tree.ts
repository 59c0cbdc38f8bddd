import type { LayerAttributes, LayerChange } from "../layer/layer-change.ts";

/** What a tree made of changes holds, by path. */
export type ModelNode = Partial<LayerAttributes> & {
  readonly type: string;
  content?: Buffer;
  readonly target?: string;
  readonly xattrs?: Readonly<Record<string, string>>;
  readonly device?: string;
  opaque?: boolean;
};

/** Applies changes to a map of paths, as text alone: no links are followed. For archives that need none. */
export function modelTree(changes: readonly LayerChange[]): Map<string, ModelNode> {
  const tree = new Map<string, ModelNode>();
  let file: ModelNode | undefined;
  for (const change of changes) {
    if (change.type === "data" && file) file.content = Buffer.concat([file.content ?? Buffer.alloc(0), change.bytes]);
    if (change.type === "hole" && file)
      file.content = Buffer.concat([file.content ?? Buffer.alloc(0), Buffer.alloc(change.sizeBytes)]);
    if (!("path" in change)) continue;
    const node = nodeOf(change, tree);
    file = change.type === "file" ? node : undefined;
    if (node) put(tree, change.path, node);
  }
  return tree;
}

function nodeOf(change: Extract<LayerChange, { path: string }>, tree: Map<string, ModelNode>): ModelNode | undefined {
  if (change.type === "link") return tree.get(change.existing);
  if (change.type === "whiteout") return { type: "whiteout" };
  if (change.type === "opaque") {
    const directory = tree.get(change.path);
    if (directory) directory.opaque = true;
    return undefined;
  }
  const xattrs = Object.fromEntries(
    [...change.xattrs].map(([name, value]) => [name, Buffer.from(value).toString("hex")]),
  );
  const common = { ...change.attributes, type: change.type, xattrs };
  if (change.type === "file") return { ...common, content: Buffer.alloc(0) };
  if (change.type === "symlink") return { ...common, target: change.target };
  return "major" in change ? { ...common, device: `${change.major}:${change.minor}` } : common;
}

function put(tree: Map<string, ModelNode>, path: string, node: ModelNode): void {
  if (node.type !== "directory") for (const other of tree.keys()) if (other.startsWith(`${path}/`)) tree.delete(other);
  tree.set(path, node);
}
