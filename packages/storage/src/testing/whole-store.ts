import { type Digest, digestOf } from "@galley/spec";
import type { Live } from "../garbage/collect-garbage.ts";
import { openStorage, type Storage } from "../open-storage.ts";
import { blob, inPieces } from "./bytes.ts";
import { recorder } from "./fake-perform.ts";

/** A store that performs nothing but removals. */
export const open = (directory: string) => openStorage(directory, { perform: recorder().perform });

/** What records name. */
export const live = (blobs: Digest[] = [], layers: Digest[] = []): Live => ({
  blobs: new Set(blobs),
  layers: new Set(layers),
});

export async function push(storage: Pick<Storage, "content">, text: string): Promise<Digest> {
  const { descriptor, bytes } = blob(text);
  await storage.content.push(descriptor, inPieces(bytes));
  return descriptor.digest;
}

export async function unpack(storage: Storage, text: string): Promise<Digest> {
  const staging = await storage.layers.prepare(digestOf(text));
  await staging?.commit();
  return digestOf(text);
}
