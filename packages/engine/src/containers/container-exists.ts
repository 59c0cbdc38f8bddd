import { isGalleyError } from "@galley/spec";
import type { Engine } from "../engine.ts";
import { findContainer } from "./find-container.ts";

/**
 * Is there a container with that name, id or beginning of an id? One that would be ambiguous is there.
 *
 * @example
 * if (!containerExists(engine, "web")) await createContainer(engine, { image: "alpine", name: "web" });
 */
export function containerExists(engine: Engine, nameOrId: string): boolean {
  try {
    findContainer(engine, nameOrId);
    return true;
  } catch (error) {
    if (isGalleyError(error, "not-found")) return false;
    if (isGalleyError(error) && error.code === "engine.container-ambiguous") return true;
    throw error;
  }
}
