import { galleyError, isGalleyError } from "@galley/spec";
import type { Engine } from "../engine.ts";
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
  const records = containerRecords(engine);
  let named = record;
  for (let attempt = 1; ; attempt++) {
    try {
      return records.put(named.id, named, { names: [named.name], ifVersion: 0 }).value;
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

function nameInUse(name: string, id: string): Error {
  const message = `creating container storage: the container name "${name}" is already in use by ${id}. You have to remove that container to be able to reuse that name: that name is already in use`;
  return galleyError("conflict", "engine.name-in-use", message, { details: { name, id } });
}
