import { containerImage } from "../containers/container-image.ts";
import { type ContainerRecord, containerRecords } from "../containers/container-record.ts";
import { findContainer } from "../containers/find-container.ts";
import type { Engine } from "../engine.ts";
import { ensureLayers } from "../images/ensure-layers.ts";
import { writableRoot } from "../trees/tree-roots.ts";
import { changeMount } from "./change-mount.ts";
import { mountOnHost, unmountFromHost } from "./mount-plan.ts";
import { mountedIds, mountPoint } from "./mount-record.ts";

/** A container that is mounted on the host. */
export interface MountedContainer {
  readonly container: ContainerRecord;
  readonly hostPath: string;
}

/**
 * Mounts a container's files on the host and gives the path: the same mount that it runs on or will run on, so what is written
 * there is there for both. Each call is one use; the mount goes when as many `unmountContainer` have followed, with the
 * container, or with a reboot.
 *
 * @throws not-found engine.container-unknown; unavailable engine.mount-busy
 *
 * @example
 * const hostPath = await mountContainer(engine, "web");
 */
export async function mountContainer(engine: Engine, nameOrId: string): Promise<string> {
  const record = findContainer(engine, nameOrId);
  const image = containerImage(engine, record);
  const top = image.layers.at(-1);
  await ensureLayers(engine, image.layers);
  await engine.storage.containers.prepare(record.id, top ? { topLayer: top.chainId } : {});
  await changeMount(engine, {
    kind: "container",
    id: record.id,
    uses: (now) => now + 1,
    act: () => mountOnHost(engine, record.id, { makeRoot: writableRoot(engine, record, image), readOnly: false }),
  });
  return mountPoint(engine, record.id);
}

/**
 * Gives up one use of a mounted container, or with `force` all. False when it was not mounted.
 *
 * @throws not-found engine.container-unknown
 */
export async function unmountContainer(
  engine: Engine,
  nameOrId: string,
  options: { readonly force?: boolean } = {},
): Promise<boolean> {
  const { id } = findContainer(engine, nameOrId);
  const { before } = await changeMount(engine, {
    kind: "container",
    id,
    uses: (now) => (options.force ? 0 : Math.max(0, now - 1)),
    act: () => unmountFromHost(engine, id),
  });
  return before > 0;
}

/**
 * All containers that are mounted on the host.
 *
 * @example
 * for (const { container, hostPath } of listMountedContainers(engine)) console.log(container.name, hostPath);
 */
export function listMountedContainers(engine: Engine): MountedContainer[] {
  const records = containerRecords(engine);
  return mountedIds(engine, "container").flatMap((id) => {
    const entry = records.get(id);
    return entry ? [{ container: entry.value, hostPath: mountPoint(engine, id) }] : [];
  });
}
