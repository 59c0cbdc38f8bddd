import type { Engine } from "../engine.ts";
import { findImageEntry } from "../images/find-image.ts";
import { type ImageRecord, imageRecords } from "../images/image-record.ts";
import { imageRoot } from "../trees/tree-roots.ts";
import { changeMount } from "./change-mount.ts";
import { mountOnHost, unmountFromHost } from "./mount-plan.ts";
import { mountedIds, mountPoint } from "./mount-record.ts";

/** An image that is mounted on the host. */
export interface MountedImage {
  readonly image: ImageRecord;
  readonly names: readonly string[];
  readonly hostPath: string;
}

/**
 * Mounts an image's files on the host, read-only, and gives the path. Each call is one use; the mount goes when as many
 * `unmountImage` have followed, or with a reboot. It is the only thing of Galley on a host's list of mounts, with
 * `mountContainer`.
 *
 * @throws not-found engine.image-unknown; unavailable engine.mount-busy
 *
 * @example
 * const hostPath = await mountImage(engine, "alpine");
 */
export async function mountImage(engine: Engine, nameOrId: string): Promise<string> {
  const { key, value } = findImageEntry(engine, nameOrId);
  await changeMount(engine, {
    kind: "image",
    id: key,
    uses: (now) => now + 1,
    act: () => mountOnHost(engine, key, { makeRoot: imageRoot(engine, value.layers), readOnly: true }),
  });
  return mountPoint(engine, key);
}

/**
 * Gives up one use of a mounted image, or with `force` all. False when it was not mounted.
 *
 * @throws not-found engine.image-unknown
 *
 * @example
 * await unmountImage(engine, "alpine", { force: true });
 */
export async function unmountImage(
  engine: Engine,
  nameOrId: string,
  options: { readonly force?: boolean } = {},
): Promise<boolean> {
  const { key } = findImageEntry(engine, nameOrId);
  const { before } = await changeMount(engine, {
    kind: "image",
    id: key,
    uses: (now) => (options.force ? 0 : Math.max(0, now - 1)),
    act: () => unmountFromHost(engine, key),
  });
  return before > 0;
}

/**
 * All images that are mounted on the host.
 *
 * @example
 * for (const { image, hostPath } of listMountedImages(engine)) console.log(image.id, hostPath);
 */
export function listMountedImages(engine: Engine): MountedImage[] {
  const records = imageRecords(engine);
  return mountedIds(engine, "image").flatMap((id) => {
    const entry = records.get(id);
    return entry ? [{ image: entry.value, names: entry.names, hostPath: mountPoint(engine, id) }] : [];
  });
}
