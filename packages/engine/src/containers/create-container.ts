import { galleyError, isGalleyError } from "@galley/spec";
import type { Engine } from "../engine.ts";
import { imageRecords } from "../images/image-record.ts";
import { containerLaunch } from "./container-launch.ts";
import { type ContainerRecord, containerRecords } from "./container-record.ts";
import { newContainer } from "./new-container.ts";
import type { CreateContainerOptions } from "./options.ts";
import { randomName } from "./random-name.ts";
import { reclaimContainers } from "./reclaim-containers.ts";

/**
 * Makes a container without starting it: its record, and nothing else yet; directories appear with the first start.
 *
 * @throws not-found engine.image-unknown; conflict engine.name-in-use; invalid for options that no start could honour
 *
 * @example
 * const { id } = await createContainer(engine, { image: "alpine", name: "web", process: { command: ["sleep", "60"] } });
 */
export async function createContainer(engine: Engine, options: CreateContainerOptions): Promise<ContainerRecord> {
  const { record, image } = newContainer(engine, options);
  await containerLaunch(engine, record, image, { stamp: "", attached: false, accounts: image.accounts }); // what cannot be described cannot be started
  return recordContainer(engine, record);
}

/** Records a new container; a name of our own choosing is chosen anew when it is taken. */
export async function recordContainer(engine: Engine, record: ContainerRecord): Promise<ContainerRecord> {
  let named = record;
  for (let attempt = 1; ; attempt++) {
    try {
      return put(engine, named);
    } catch (error) {
      if (!isGalleyError(error, "conflict") || error.code !== "storage.name-in-use") throw error;
      if (record.options.name !== undefined) {
        if (attempt === 1 && (await reclaimContainers(engine)) > 0) continue;
        throw nameInUse(record.name, String(error.details["key"]));
      }
      named = { ...record, name: randomName(attempt) };
    }
  }
}

/** In one transaction with a last look at the image, which somebody may be removing. */
function put(engine: Engine, record: ContainerRecord): ContainerRecord {
  const lasts = record.options.life?.autoRemove !== true;
  return engine.storage.records.transaction(
    () => {
      if (!imageRecords(engine).get(record.imageId)) {
        throw galleyError("not-found", "engine.image-unknown", `${record.imageName}: image not known`);
      }
      return containerRecords(engine).put(record.id, record, { names: [record.name], ifVersion: 0 }).value;
    },
    { copied: lasts },
  );
}

function nameInUse(name: string, id: string): Error {
  const message = `creating container storage: the container name "${name}" is already in use by ${id}. You have to remove that container to be able to reuse that name: that name is already in use`;
  return galleyError("conflict", "engine.name-in-use", message, { details: { name, id } });
}
