import { editIndex, type IndexEdit, readContent } from "@galley/image";
import { isGalleyError } from "@galley/spec";
import type { Engine } from "../engine.ts";
import { collectImages } from "../images/collect-images.ts";
import { findManifestList } from "./find-manifest-list.ts";
import { type ListMember, manifestListRecords } from "./manifest-list-record.ts";

/** So often somebody else may be faster. */
const attempts = 20;

/**
 * Changes a list: a new index takes the place of the old one, unless somebody else changed it meanwhile; then it is tried again.
 *
 * @param added where the content of manifests is that the edits add
 */
export async function editManifestList(
  engine: Engine,
  list: string,
  edits: readonly IndexEdit[],
  added: Readonly<Record<string, ListMember>> = {},
): Promise<void> {
  const { storage } = engine;
  for (let attempt = 1; ; attempt++) {
    const { key, value, version } = findManifestList(engine, list);
    const old = await readContent(storage.content, value.index);
    const { descriptor, bytes, index } = await edited(old, edits);
    await using lease = await storage.leases.take();
    await lease.add(descriptor.digest, ...Object.values(added).flatMap(({ blobs }) => blobs));
    await storage.content.push(descriptor, new Blob([bytes as Uint8Array<ArrayBuffer>]).stream());
    const named = Object.entries({ ...value.members, ...added }).filter(([digest]) => index.has(digest));
    try {
      const changed = { ...value, index: descriptor, members: Object.fromEntries(named) };
      storage.records.transaction(() => manifestListRecords(engine).put(key, changed, { ifVersion: version }), {
        durable: true,
      });
      break;
    } catch (error) {
      if (!isGalleyError(error, "conflict") || attempt === attempts) throw error;
    }
  }
  await collectImages(engine); // the old index, and what only a manifest that went needed
}

async function edited(old: Uint8Array, edits: readonly IndexEdit[]) {
  const { descriptor, bytes } = await editIndex(old, edits);
  const { manifests } = JSON.parse(Buffer.from(bytes).toString()) as { manifests: { digest: string }[] };
  return { descriptor, bytes, index: new Set(manifests.map(({ digest }) => digest)) };
}
