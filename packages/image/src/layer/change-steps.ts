import { type Slot, type Step, slot, stepper } from "@galley/plan";
import { galleyError } from "@galley/spec";
import { maxDataBytes } from "../limits.ts";
import { createDirectoryTree, type DirectoryTree, type KnownDirectory, type Parent } from "./directory-tree.ts";
import type { LayerAttributes, LayerChange } from "./layer-change.ts";

const step = stepper("image");

/** Type bits of a mode (inode(7)). */
const typeBits = { character: 0o020000, block: 0o060000, fifo: 0o010000 };

/** Makes steps out of changes, one after the other; remembers directories. */
export interface StepMaker {
  steps(change: LayerChange): Step[];
  /** A file whose content was written elsewhere: brings it to its place. */
  broughtSteps(change: FileChange, from: BroughtFile): Step[];
  /** The times of all directories, which later entries in them would have changed; parents before children. */
  lastSteps(): Iterable<Step[]>;
}

/** A regular file of a layer. */
export type FileChange = Extract<LayerChange, { type: "file" }>;

/** A name in a directory that a slot holds. */
interface BroughtFile {
  readonly directory: Slot;
  readonly name: string;
}

interface Making {
  readonly root: Slot;
  /** Filled by every file in turn. */
  readonly file: Slot;
  readonly mark: string;
  readonly tree: DirectoryTree;
  open?: FileChange;
}

/** What to make steps for. */
export interface StepMakerOptions {
  readonly root: Slot;
  readonly marks: "trusted" | "user";
  readonly maxDirectories: number;
}

/** A maker for one layer. */
export function createStepMaker({ root, marks, maxDirectories }: StepMakerOptions): StepMaker {
  const tree = createDirectoryTree(maxDirectories);
  const making: Making = { root, file: slot("file"), mark: `${marks}.overlay.opaque`, tree };
  return {
    steps: (change) => changeSteps(making, change),
    broughtSteps: (change, from) => broughtSteps(making, change, from),
    lastSteps: () => timeSteps(making),
  };
}

function changeSteps(making: Making, change: LayerChange): Step[] {
  switch (change.type) {
    case "data":
      return dataSteps(making, change.bytes);
    case "hole":
      return [step("hole", { file: making.file, sizeBytes: change.sizeBytes }, "leave a hole")];
    case "fileEnd":
      return fileEndSteps(making);
    case "directory":
      return directorySteps(making, change);
    case "whiteout":
      return whiteoutSteps(making, change.path);
    case "opaque":
      return opaqueSteps(making, change.path);
    default:
      return [...parentSteps(making, change.path), ...leafSteps(making, change)];
  }
}

type Leaf = Exclude<LayerChange, { type: "data" | "hole" | "fileEnd" | "directory" | "whiteout" | "opaque" }>;

/** Anything that is no directory takes the place of whatever bears its name. */
function leafSteps(making: Making, change: Leaf): Step[] {
  const { root, file, tree } = making;
  const { path } = change;
  const place = { at: root, path, flags: ["replace"] } as const;
  tree.forget(path);
  switch (change.type) {
    case "file":
      making.open = change;
      return [step("create", { ...place, mode: 0o600, out: file }, `make the file ${path}`)];
    case "link":
      return [step("link", { ...place, existing: change.existing }, `link ${path} to ${change.existing}`)];
    case "symlink":
      return [
        step("symlink", { ...place, target: change.target }, `make the symbolic link ${path}`),
        attributeStep(change.attributes, { at: root, path, set: ["owner", "times"] }),
        ...xattrSteps(change.xattrs, { at: root, path }),
      ];
    default: {
      const { major, minor } = change.type === "fifo" ? { major: 0, minor: 0 } : change;
      return [
        step(
          "mknod",
          { ...place, mode: typeBits[change.type] | 0o600, major, minor },
          `make the ${change.type} node ${path}`,
        ),
        attributeStep(change.attributes, { at: root, path, set: ["owner", "mode", "times"] }),
        ...xattrSteps(change.xattrs, { at: root, path }),
      ];
    }
  }
}

/** By name: what bears the name now is a regular file of ours. Extended attributes last, as in `fileEndSteps`. */
function broughtSteps(making: Making, change: FileChange, { directory, name }: BroughtFile): Step[] {
  const { root, tree } = making;
  const { path } = change;
  const parents = parentSteps(making, path);
  tree.forget(path);
  const place = { at: root, path: name, to: path, from: directory, flags: ["replace"] } as const;
  return [
    ...parents,
    step("rename", place, `bring the file ${path}`),
    attributeStep(change.attributes, { at: root, path, set: ["owner", "mode", "times"] }),
    ...xattrSteps(change.xattrs, { at: root, path }),
  ];
}

function dataSteps({ file }: Making, bytes: Uint8Array): Step[] {
  if (bytes.length <= maxDataBytes) return [step("data", { file, bytes }, "write its bytes")];
  const pieces = Array.from({ length: Math.ceil(bytes.length / maxDataBytes) }, (_, index) => index * maxDataBytes);
  return pieces.map((at) => step("data", { file, bytes: bytes.subarray(at, at + maxDataBytes) }, "write its bytes"));
}

/** On the open file, not by name. Extended attributes last: chown(2) takes security.capability away. */
function fileEndSteps(making: Making): Step[] {
  const { file, open } = making;
  if (!open) throw galleyError("internal", "image.file-end", "a file ended that did not begin");
  delete making.open;
  const itself = { at: file, path: "" };
  return [
    attributeStep(open.attributes, { ...itself, set: ["owner", "mode", "times"] }),
    ...xattrSteps(open.xattrs, itself),
    step("close", { slot: file }, `finish the file ${open.path}`),
  ];
}

function directorySteps(making: Making, change: Extract<LayerChange, { type: "directory" }>): Step[] {
  const { root, tree } = making;
  const { path, attributes, xattrs } = change;
  const parents = parentSteps(making, path);
  const known = tree.add(path);
  const hidden = known.hidden === true;
  delete known.hidden;
  known.times = { seconds: attributes.seconds, nanoseconds: attributes.nanoseconds };
  const place = { at: root, path, mode: 0o700, flags: ["replace", "keepDirectory"] } as const;
  return [
    ...parents,
    ...(path === "" ? [] : [step("mkdir", place, `make the directory ${path}`)]),
    ...(hidden ? markSteps(making, path, known) : []),
    attributeStep(attributes, { at: root, path, set: ["owner", "mode"] }),
    ...xattrSteps(xattrs, { at: root, path }),
  ];
}

/** Parents that no entry has made: the archive left them out, or they are links, which stay. */
function parentSteps(making: Making, path: string): Step[] {
  const steps: Step[] = [];
  for (const parent of making.tree.parents(path)) {
    if (parent.known.hidden) steps.push(...replacedParentSteps(making, parent));
    else if (parent.fresh) steps.push(impliedParentStep(making, parent.path));
  }
  return steps;
}

function impliedParentStep({ root }: Making, path: string): Step {
  return step("mkdir", { at: root, path, mode: 0o755 }, `make the missing parent ${path}`, { ok: ["EEXIST"] });
}

/** The lower directory was hidden by this layer, so the new one begins empty. */
function replacedParentSteps(making: Making, { path, known }: Parent): Step[] {
  const place = { at: making.root, path, mode: 0o755, flags: ["replace", "keepDirectory"] } as const;
  delete known.hidden;
  return [step("mkdir", place, `make the directory ${path} anew`), ...markSteps(making, path, known)];
}

/**
 * A whiteout hides what lower layers have, never what this layer has, wherever it stands in the archive (OCI
 * image-spec, layer.md "Whiteouts"). So a file that is there stays, and a directory that is there becomes opaque.
 */
function whiteoutSteps(making: Making, path: string): Step[] {
  const parents = parentSteps(making, path);
  const known = making.tree.find(path);
  if (known) return [...parents, ...(known.hidden ? [] : markSteps(making, path, known))];
  making.tree.add(path).hidden = true;
  const node = { at: making.root, path, mode: typeBits.character, major: 0, minor: 0 };
  return [...parents, step("mknod", node, `hide ${path} of the layers below`, { ok: ["EEXIST"] })];
}

function opaqueSteps(making: Making, path: string): Step[] {
  const parents = path === "" ? [] : parentSteps(making, `${path}/`);
  return [...parents, ...markSteps(making, path, making.tree.add(path))];
}

/** Once per directory, however often the archive says it. */
function markSteps({ root, mark }: Making, path: string, known: KnownDirectory): Step[] {
  if (known.opaque) return [];
  known.opaque = true;
  return [
    step("xattr", { at: root, path, name: mark, value: opaqueValue }, `hide what layers below have in ${path || "/"}`),
  ];
}

const opaqueValue = new TextEncoder().encode("y");

interface Target {
  readonly at: Slot;
  readonly path: string;
}

type Set = readonly ("owner" | "mode" | "times")[];

function attributeStep(attributes: LayerAttributes, { at, path, set }: Target & { readonly set: Set }): Step {
  const { uid, gid, mode, seconds, nanoseconds } = attributes;
  const values = {
    ...(set.includes("owner") ? { uid, gid } : {}),
    ...(set.includes("mode") ? { mode } : {}),
    ...(set.includes("times") ? { seconds, nanoseconds } : {}),
  };
  return step("attributes", { at, path, set, ...values }, `set ${set.join(", ")}${path && ` of ${path}`}`);
}

/** Some file systems keep no user attributes (tmpfs before Linux 6.6); the others are not optional. */
function xattrSteps(xattrs: ReadonlyMap<string, Uint8Array>, target: Target): Step[] {
  return [...xattrs].map(([name, value]) =>
    step("xattr", { ...target, name, value }, `set ${name}`, name.startsWith("user.") ? { ok: ["EOPNOTSUPP"] } : {}),
  );
}

function* timeSteps({ root, tree }: Making): Iterable<Step[]> {
  let steps: Step[] = [];
  for (const [path, times] of tree.times()) {
    steps.push(step("attributes", { at: root, path, set: ["times"], ...times }, `set times of ${path || "/"}`));
    if (steps.length < 1024) continue;
    yield steps;
    steps = [];
  }
  if (steps.length > 0) yield steps;
}
