import { type Slot, type Step, slot, stepper } from "@galley/plan";
import { isBeneath, pathAndParents } from "./destination.ts";

const step = stepper("mounts");

/** Mode of directories that are made to mount on. */
const directoryMode = 0o755;
/** mknod(2): a regular file, made without opening it. */
const emptyFileMode = 0o100644;

/** A place beneath a slot. */
export interface Place {
  readonly at: Slot;
  /** Without a leading slash; "." is the slot itself. */
  readonly path: string;
}

/** What was attached at a destination. */
export interface Attached {
  readonly slot: Slot;
  /** The type of a new file system, which no one else can have prepared; undefined for a bind. */
  readonly type?: string | undefined;
}

/** Which destinations are attached and which names are there, while the steps are put together. */
export interface Tree {
  readonly root: Slot;
  readonly attached: Map<string, Attached>;
  readonly present: Set<string>;
}

/** A tree of nothing but the root. */
export function newTree(root: Slot): Tree {
  return { root, attached: new Map(), present: new Set() };
}

/** Notes that a mount now covers a destination: what was known beneath it is hidden. */
export function cover(tree: Tree, destination: string, attached: Attached): void {
  for (const path of [...tree.present])
    if (path !== destination && isBeneath(path, destination)) tree.present.delete(path);
  for (const path of [...tree.attached.keys()]) if (isBeneath(path, destination)) tree.attached.delete(path);
  tree.attached.set(destination, attached);
}

/**
 * Where to resolve a destination from: the nearest new file system above it, which holds no links but ours or the
 * kernel's, else the root. Never from a bind: an absolute link in a volume means the container's root, not the volume's.
 */
export function placeOf(tree: Tree, destination: string): Place & { readonly below?: string | undefined } {
  const above = pathAndParents(destination)
    .slice(0, -1)
    .findLast((path) => tree.attached.has(path));
  const nearest = above === undefined ? undefined : tree.attached.get(above);
  if (above === undefined || nearest?.type === undefined) return { at: tree.root, path: destination.slice(1) };
  return { at: nearest.slot, path: destination.slice(above.length + 1), below: nearest.type };
}

/** Makes the directories of a destination, and its last part as a file where the source is one. */
export function makeSteps(tree: Tree, destination: string, kind: "file" | "directory"): readonly Step[] {
  return pathAndParents(destination).flatMap((path) => {
    const place = placeOf(tree, path);
    const covered = isCovered(tree, path) || place.below === "proc" || place.below === "sysfs";
    if (covered || tree.present.has(path)) return [];
    tree.present.add(path);
    const { at, path: beneath } = place;
    return path === destination && kind === "file"
      ? [
          step("mknod", { at, path: beneath, mode: emptyFileMode, major: 0, minor: 0 }, `make an empty file ${path}`, {
            ok: ["EEXIST"],
          }),
        ]
      : [step("mkdir", { at, path: beneath, mode: directoryMode }, `make ${path}`, { ok: ["EEXIST"] })];
  });
}

/** A mount point exists, and so does all above it. */
function isCovered(tree: Tree, path: string): boolean {
  return [...tree.attached.keys()].some((attached) => isBeneath(attached, path));
}

/** Makes a destination and attaches a mount there, resolved inside the root. */
export function attachSteps(
  tree: Tree,
  mount: Slot,
  target: { readonly destination: string; readonly kind: "file" | "directory"; readonly why: string },
): readonly Step[] {
  const { at, path } = placeOf(tree, target.destination);
  return [...makeSteps(tree, target.destination, target.kind), step("moveMount", { mount, at, path }, target.why)];
}

/**
 * As {@link attachSteps}, for what must lie exactly where it is said to: every part must be a real directory, so that an
 * image cannot send /proc or /dev elsewhere with a link (CVE-2019-19921, CVE-2026-41579).
 */
export function strictAttachSteps(
  tree: Tree,
  mount: Slot,
  target: { readonly destination: string; readonly why: string },
): readonly Step[] {
  const place = placeOf(tree, target.destination);
  if (place.below !== undefined) return attachSteps(tree, mount, { ...target, kind: "directory" });
  const parts = place.path.split("/");
  let at = place.at;
  const steps = parts.flatMap((part, index) => {
    const path = `/${parts.slice(0, index + 1).join("/")}`;
    const parent = at;
    const opened = slot(`place of ${path}`);
    at = opened;
    const make = step("mkdir", { at: parent, path: part, mode: directoryMode }, `make ${path}`, { ok: ["EEXIST"] });
    const open = step(
      "open",
      { at: parent, path: part, flags: ["pathOnly", "directory", "noFollow"], out: opened },
      `hold ${path}, which must be a real directory`,
    );
    const known = tree.present.has(path);
    tree.present.add(path);
    return known ? [open] : [make, open];
  });
  return [...steps, step("moveMount", { mount, at, path: "." }, target.why)];
}
