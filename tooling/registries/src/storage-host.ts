import { randomBytes } from "node:crypto";
import type { ReadableStore } from "@galley/registry-server";
import { isDigest } from "@galley/spec";
import { type Origin, startOrigin } from "./origin.ts";

/** Where the blobs are: another host, whose addresses are signed and for one blob. */
export interface StorageHost extends Origin, AsyncDisposable {
  /** An address that gives the blob. */
  addressOf(repository: string, digest: string): string;
}

/** Refuses every request that brings credentials, as the storage services do, which take one kind of proof at a time. */
export async function startStorageHost(store: ReadableStore): Promise<StorageHost> {
  const signed = new Map<string, { repository: string; digest: string }>();
  const host = await startOrigin(async ({ method, url, headers }, response) => {
    const { searchParams } = new URL(url, "http://storage");
    const place = signed.get(searchParams.get("signature") ?? "");
    if (headers.authorization !== undefined)
      return { status: 400, body: "<Error><Code>InvalidArgument</Code></Error>" };
    const blob = place && isDigest(place.digest) && (await store.blobs.get(place.repository, place.digest));
    if (!blob) return { status: 403, body: "<Error><Code>AccessDenied</Code></Error>" };
    const [, first] = /^bytes=(\d+)-$/.exec(headers.range ?? "") ?? [];
    const firstByte = Number(first ?? 0);
    const lastByte = blob.sizeBytes - 1;
    response.writeHead(first === undefined ? 200 : 206, {
      "content-length": blob.sizeBytes - firstByte,
      ...(first !== undefined && { "content-range": `bytes ${firstByte}-${lastByte}/${blob.sizeBytes}` }),
    });
    if (method !== "HEAD") for await (const bytes of blob.read({ firstByte, lastByte })) response.write(bytes);
    response.end();
    return undefined;
  });
  return Object.assign(host, {
    addressOf(repository: string, digest: string) {
      const signature = randomBytes(12).toString("hex");
      signed.set(signature, { repository, digest });
      return `${host.url}/storage/data?signature=${signature}`;
    },
  });
}
