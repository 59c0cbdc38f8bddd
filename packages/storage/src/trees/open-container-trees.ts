import { mkdir, readdir, rename } from "node:fs/promises";
import type { Perform } from "@galley/plan";
import { type Digest, galleyError } from "@galley/spec";
import type { Layers } from "../layers/open-layers.ts";
import { copyRootAttributes } from "../layers/prepare-layer.ts";
import { ownerTag } from "../owner-tag.ts";
import { absentAsUndefined, errnoOf, systemError } from "../system-error.ts";
import { reclaimTrees } from "./reclaim-trees.ts";
import { removeTrees } from "./remove-trees.ts";

/** Where a container keeps its things. */
export interface ContainerTree {
  /** The container's own directory; the engine keeps log and exit record in it. */
  readonly hostPath: string;
  /** The writable layer. Its content is untrusted. */
  readonly upper: string;
  /** Overlay's work directory, on the same file system. */
  readonly work: string;
  /** For links that an older kernel's mount needs. */
  readonly links: string;
}

/** Writable layers of containers. */
export interface ContainerTrees {
  /** The paths of a container, there or not. */
  tree(id: string): ContainerTree;
  /** Makes the directories. The upper one gets the root attributes of the image's top layer. */
  prepare(id: string, options?: { readonly topLayer?: Digest | undefined }): Promise<ContainerTree>;
  list(): Promise<string[]>;
  /** Removes a container's directory with all in it; false when it was not there. Nothing may be mounted on it. */
  delete(id: string): Promise<boolean>;
  /** Continues removals that broke off. */
  reclaim(): Promise<void>;
}

interface Options {
  readonly perform: Perform;
  readonly layers: Layers;
}

/**
 * Opens the containers' directories: `<id>/upper`, `<id>/work`; what is being removed lies in `removing/`.
 *
 * @example
 * const containers = openContainerTrees("/var/lib/galley/containers", { perform, layers });
 * const { upper, work } = await containers.prepare(id, { topLayer: chainIds.at(-1) });
 */
export function openContainerTrees(directory: string, { perform, layers }: Options): ContainerTrees {
  const removing = `${directory}/.removing`;
  const tree = (id: string) => containerTree(directory, id);
  return {
    tree,
    prepare: async (id, { topLayer } = {}) => {
      await layers.makeEmpty();
      await mkdir(removing, { recursive: true, mode: 0o700 }); // now, because a removal must not need room
      return prepare(tree(id), topLayer && layers.treePath(topLayer));
    },
    list: async () => ((await absentAsUndefined(readdir(directory))) ?? []).filter((name) => validId.test(name)),
    delete: (id) => remove({ from: tree(id).hostPath, id, removing, perform }),
    reclaim: () => reclaimTrees(removing, { perform }),
  };
}

const validId = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;

function containerTree(directory: string, id: string): ContainerTree {
  if (!validId.test(id))
    throw galleyError("invalid", "storage.container-id", `not a container id: ${JSON.stringify(id.slice(0, 80))}`);
  const hostPath = `${directory}/${id}`;
  return { hostPath, upper: `${hostPath}/upper`, work: `${hostPath}/work`, links: `${hostPath}/l` };
}

async function prepare(tree: ContainerTree, topLayerTree: string | undefined): Promise<ContainerTree> {
  try {
    await mkdir(tree.upper, { recursive: true, mode: 0o700 });
    await mkdir(tree.work, { recursive: true, mode: 0o700 });
    await copyRootAttributes(topLayerTree, tree.upper);
    return tree;
  } catch (error) {
    throw systemError(`make the directories of container ${tree.hostPath}`, error);
  }
}

/** One rename takes it out of sight, so that a removal that breaks off is continued by `reclaim`. */
async function remove(what: { from: string; id: string; removing: string; perform: Perform }): Promise<boolean> {
  const name = ownerTag(what.id);
  try {
    await mkdir(what.removing, { recursive: true, mode: 0o700 });
    await rename(what.from, `${what.removing}/${name}`);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return false;
    throw systemError(`delete container directory ${what.from}`, error);
  }
  await removeTrees(what.removing, [name], { perform: what.perform });
  return true;
}
