import { galleyError } from "@galley/spec";
import type { Engine } from "../engine.ts";
import { findImageEntry } from "../images/find-image.ts";
import type { ImageRecord } from "../images/image-record.ts";
import { nameAmong } from "../images/name-among.ts";
import { containerCommand } from "../spec/process-spec.ts";
import { checkOptions } from "./check-options.ts";
import { newLabels } from "./container-labels.ts";
import type { ContainerRecord } from "./container-record.ts";
import type { CreateContainerOptions } from "./options.ts";
import { randomHex } from "./random-hex.ts";
import { randomName } from "./random-name.ts";

/** A container that is not recorded yet, and its image. */
export interface NewContainer {
  readonly record: ContainerRecord;
  readonly image: ImageRecord;
}

/** Decides everything about a new container; writes nothing. */
export function newContainer(engine: Engine, options: CreateContainerOptions): NewContainer {
  const { value: image, names } = findImageEntry(engine, options.image);
  const { record } = decideContainer(options, image, imageName(options.image, image, names));
  return { record: { ...record, labels: newLabels(engine, options.security ?? {}) }, image };
}

/** As `newContainer`, for an image that is at hand. */
export function decideContainer(options: CreateContainerOptions, image: ImageRecord, imageName: string): NewContainer {
  checkOptions(options);
  if (options.name !== undefined && !/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(options.name)) {
    throw galleyError(
      "invalid",
      "engine.bad-name",
      `container name ${JSON.stringify(options.name)}: names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument`,
    );
  }
  const record: ContainerRecord = {
    id: randomHex(32),
    name: options.name ?? randomName(),
    imageId: image.id,
    imageName,
    createdAtMs: Date.now(),
    options,
    command: containerCommand(options, image),
  };
  return { record, image };
}

/** An image asked for by id is shown by one of its names, if it has any. */
function imageName(asked: string, image: ImageRecord, names: readonly string[]): string {
  const isId = image.id.startsWith(asked.replace(/^sha256:/, ""));
  if (isId) return names[0] ?? image.id;
  return nameAmong(asked, names) ?? asked;
}
