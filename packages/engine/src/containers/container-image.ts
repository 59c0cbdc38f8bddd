import { galleyError } from "@galley/spec";
import type { Engine } from "../engine.ts";
import { type ImageRecord, imageRecords } from "../images/image-record.ts";
import type { ContainerRecord } from "./container-record.ts";

/** The image that a container was made from; throws not-found engine.image-unknown when it is gone. */
export function containerImage(engine: Engine, { name, imageId }: ContainerRecord): ImageRecord {
  const entry = imageRecords(engine).get(imageId);
  if (entry) return entry.value;
  const message = `the image of container ${name} is gone: ${imageId}`;
  throw galleyError("not-found", "engine.image-unknown", message);
}
