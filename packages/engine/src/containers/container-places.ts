import type { Engine } from "../engine.ts";

/** File names in a container's directories. */
export const fileNames = { log: "ctr.log", exit: "exit", pid: "pid", socket: "attach.sock" } as const;

/** Host paths of one container. */
export interface ContainerPlaces {
  /** What lasts: log, exit record, writable layer, generated files. */
  readonly keepDirectory: string;
  /** What a reboot ends: socket and pid record. */
  readonly runDirectory: string;
}

/** Where a container's things lie, there or not. */
export function containerPlaces(engine: Engine, id: string): ContainerPlaces {
  return {
    keepDirectory: engine.storage.containers.tree(id).hostPath,
    runDirectory: `${engine.places.runroot}/containers/${id}`,
  };
}
