import type { Slot, Step } from "@galley/plan";
import { rootMount, rootMountSteps } from "@galley/storage";
import type { Engine } from "../engine.ts";
import { kernelVersion } from "../host.ts";
import type { ImageLayer } from "./image-record.ts";

/** Steps that stack an image's layers into a detached, read-only mount. */
export function imageRootSteps(engine: Engine, images: readonly Pick<ImageLayer, "chainId">[], out: Slot): Step[] {
  const { layers } = engine.storage;
  const lower = images.map(({ chainId }) => layers.treePath(chainId));
  const mount = rootMount({ lower, empty: layers.emptyPaths, kernel: kernelVersion() });
  return rootMountSteps(mount, { out, linkDirectory: `${engine.places.runroot}/links` });
}
