import { join } from "node:path";
import type { Perform } from "@galley/plan";
import { type Content, openContent } from "./content/open-content.ts";
import { type Leases, openLeases } from "./garbage/open-leases.ts";
import { type Layers, openLayers } from "./layers/open-layers.ts";
import { openRecords, type Records } from "./records/open-records.ts";
import { type ContainerTrees, openContainerTrees } from "./trees/open-container-trees.ts";

/** The stores of one root directory; each may also be opened alone. */
export interface Storage {
  readonly directory: string;
  readonly content: Content;
  readonly layers: Layers;
  readonly containers: ContainerTrees;
  readonly records: Records;
  readonly leases: Leases;
  /** Removes what dead processes left unfinished; idempotent, safe beside live ones. Call it before a pull. */
  reclaim(): Promise<void>;
  /** Closes the records' database. */
  [Symbol.dispose](): void;
}

/**
 * Opens the stores beneath an absolute host directory. Touches nothing: directories and the database appear with the
 * first write, reads of what is not there find nothing.
 *
 * @example
 * using storage = openStorage("/var/lib/galley", { perform });
 * await storage.content.exists(descriptor);
 */
export function openStorage(directory: string, { perform }: { readonly perform: Perform }): Storage {
  const content = openContent(join(directory, "content"));
  const layers = openLayers(join(directory, "layers"), { perform });
  const containers = openContainerTrees(join(directory, "containers"), { perform, layers });
  const records = openRecords(join(directory, "galley.db"));
  const reclaim = async () => {
    await content.reclaim();
    await layers.reclaim();
    await containers.reclaim();
    records.reclaim();
  };
  const leases = openLeases(join(directory, "leases"));
  return { directory, content, layers, containers, records, leases, reclaim, [Symbol.dispose]: () => records.close() };
}
