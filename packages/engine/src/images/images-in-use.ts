import { containerRecords } from "../containers/container-record.ts";
import type { Engine } from "../engine.ts";

/** The ids of the images that containers were made from. */
export function imageIdsInUse(engine: Engine): ReadonlySet<string> {
  return new Set(
    containerRecords(engine)
      .list()
      .map(({ value }) => value.imageId),
  );
}
