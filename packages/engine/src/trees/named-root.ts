import { isGalleyError } from "@galley/spec";
import { containerImage } from "../containers/container-image.ts";
import { findContainer } from "../containers/find-container.ts";
import type { Engine } from "../engine.ts";
import { findImage } from "../images/find-image.ts";
import { containerRoot, imageRoot } from "./tree-roots.ts";
import type { RootMaker } from "./walk-root.ts";

/** The files of whatever bears that name: a container, or else an image. */
export function namedRoot(engine: Engine, nameOrId: string): RootMaker {
  try {
    const record = findContainer(engine, nameOrId);
    return containerRoot(engine, record, containerImage(engine, record));
  } catch (error) {
    if (!isGalleyError(error, "not-found")) throw error;
  }
  return imageRoot(engine, findImage(engine, nameOrId).layers);
}
