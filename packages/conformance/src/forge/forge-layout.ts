import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A layer of a forged layout: the blob, and its archive for the diff id. */
export interface ForgedLayer {
  readonly blob: Uint8Array;
  readonly archive: Uint8Array;
  readonly mediaType: string;
}

/** What a layout says against the truth: whole documents, replaced after all digests were taken. */
export interface LayoutLies {
  readonly config?: unknown;
  readonly manifest?: unknown;
  readonly index?: unknown;
}

/**
 * Writes an OCI image layout with one image of these layers, tagged "latest" (image-spec, image-layout.md).
 *
 * @param hostPath a directory that does not exist yet
 *
 * @example
 * const archive = forge({ name: "a", content: "x" });
 * forgeLayout("/tmp/layout", [{ blob: archive, archive, mediaType: "application/vnd.oci.image.layer.v1.tar" }]);
 */
export function forgeLayout(hostPath: string, layers: readonly ForgedLayer[], lies: LayoutLies = {}): void {
  mkdirSync(join(hostPath, "blobs/sha256"), { recursive: true });
  const blob = (mediaType: string, bytes: Uint8Array) => {
    const hex = hexOf(bytes);
    writeFileSync(join(hostPath, "blobs/sha256", hex), bytes);
    return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
  };
  const json = (value: unknown) => Buffer.from(JSON.stringify(value));
  const config = {
    architecture: "amd64",
    os: "linux",
    config: {},
    rootfs: { type: "layers", diff_ids: layers.map(({ archive }) => `sha256:${hexOf(archive)}`) },
    history: layers.map(() => ({ created_by: "forge" })),
  };
  const manifest = {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: blob("application/vnd.oci.image.config.v1+json", json(lies.config ?? config)),
    layers: layers.map(({ mediaType, blob: bytes }) => blob(mediaType, bytes)),
  };
  const descriptor = blob("application/vnd.oci.image.manifest.v1+json", json(lies.manifest ?? manifest));
  const index = {
    schemaVersion: 2,
    manifests: [{ ...descriptor, annotations: { "org.opencontainers.image.ref.name": "latest" } }],
  };
  writeFileSync(join(hostPath, "index.json"), json(lies.index ?? index));
  writeFileSync(join(hostPath, "oci-layout"), json({ imageLayoutVersion: "1.0.0" }));
}

function hexOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
