import { isGalleyError } from "@galley/spec";
import type { Engine } from "../engine.ts";
import { containerRecords } from "./container-record.ts";
import { type ContainerStatus, containerState } from "./container-state.ts";

/** What came of the attempt to begin a removal. */
export type RemovalBegun = "begun" | "gone" | Extract<ContainerStatus, "running" | "starting">;

/**
 * Takes the right to remove a container that neither runs nor is being started. Looking and marking are one transaction: from
 * then on nobody can start it, and whoever was faster with a start is told by the result.
 */
export function beginRemoval(engine: Engine, id: string): RemovalBegun {
  const look = (mark: boolean): RemovalBegun => {
    const records = containerRecords(engine);
    const found = records.get(id)?.value;
    if (!found) return "gone";
    const { status } = containerState(engine, found);
    if (status === "running" || status === "starting") return status;
    if (mark && !found.removing) records.put(id, { ...found, removing: true });
    return "begun";
  };
  try {
    return engine.storage.records.transaction(() => look(true), { removes: true });
  } catch (error) {
    // A full disk cannot take the mark, and a removal is what helps there.
    if (isGalleyError(error, "unavailable")) return look(false);
    throw error;
  }
}
