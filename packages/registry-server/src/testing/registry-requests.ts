import { type Digest, digestOf, mediaTypes } from "@galley/spec";

/** What tests say to a registry, with plain fetch. */

export interface Json {
  readonly [name: string]: unknown;
}

/** Uploads a blob in one request. */
export async function putBlob(base: string, bytes: string, digest = digestOf(bytes)): Promise<Response> {
  return fetch(`${base}/blobs/uploads/?digest=${digest}`, { method: "POST", body: Buffer.from(bytes) });
}

/** Begins an upload and gives its address. */
export async function openUpload(base: string): Promise<string> {
  const response = await fetch(`${base}/blobs/uploads/`, { method: "POST" });
  return new URL(response.headers.get("location") ?? "", response.url).href;
}

/** Sends a chunk; `from` also as its Content-Range. */
export async function patch(upload: string, bytes: string, from?: number): Promise<Response> {
  const range = from === undefined ? undefined : { "content-range": `${from}-${from + bytes.length - 1}` };
  return fetch(upload, { method: "PATCH", body: bytes, ...(range && { headers: range }) });
}

/** Closes an upload. */
export async function finish(upload: string, digest: string, bytes = ""): Promise<Response> {
  return fetch(`${upload}?digest=${encodeURIComponent(digest)}`, { method: "PUT", body: bytes });
}

/** Sends a manifest. */
export async function putManifest(
  url: string,
  manifest: Json | string,
  mediaType: string = mediaTypes.imageManifest,
): Promise<Response> {
  const body = typeof manifest === "string" ? manifest : JSON.stringify(manifest);
  return fetch(url, { method: "PUT", body, headers: { "content-type": mediaType } });
}

/** The code of a refusal. */
export async function codeOf(response: Response): Promise<string> {
  const body = (await response.json()) as { errors: { code: string }[] };
  return body.errors.map((error) => error.code).join();
}

/** Uploads a config and one layer, and gives a manifest of both. */
export async function imageOf(
  base: string,
  layer: string,
): Promise<Json & { readonly digest: Digest; readonly text: string }> {
  const config = '{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":[]}}';
  await putBlob(base, config);
  await putBlob(base, layer);
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.imageManifest,
    config: { mediaType: mediaTypes.imageConfig, digest: digestOf(config), size: config.length },
    layers: [{ mediaType: mediaTypes.layerTar, digest: digestOf(layer), size: layer.length }],
  };
  const text = JSON.stringify(manifest);
  return { ...manifest, digest: digestOf(text), text };
}
