import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { busyboxLayer } from "./busybox-layer.ts";
import { type ImageParts, writeOciLayout } from "./oci-layout.ts";
import { type PushOptions, pushWithSkopeo } from "./push-with-skopeo.ts";
import { type LayerEntry, tarLayer } from "./tar-layer.ts";

/** What kind of busybox image to make. */
export interface BusyboxImageOptions extends Omit<ImageParts, "layers"> {
  /** Further entries, each list one more layer. */
  readonly layers?: readonly (readonly LayerEntry[])[];
  /** Make a multi-platform index of these, all with this machine's busybox. */
  readonly architectures?: readonly string[];
}

/**
 * Writes an image of Debian's static busybox as an OCI layout, under the tag `latest`.
 * @returns the digest of its manifest, or of its index when there are several architectures
 */
export async function makeBusyboxLayout(layoutPath: string, options: BusyboxImageOptions = {}): Promise<string> {
  const { layers: more = [], architectures, ...parts } = options;
  const layers = [await busyboxLayer(), ...(await Promise.all(more.map(tarLayer)))];
  const config = { Cmd: ["sh"], Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"] };
  const image = { ...parts, config: { ...config, ...options.config }, layers };
  const images = architectures?.map((architecture) => ({ ...image, architecture })) ?? [image];
  return writeOciLayout(layoutPath, "latest", images);
}

/**
 * Makes a busybox image and pushes it with skopeo to `destination`, as in `127.0.0.1:5000/busybox:latest`.
 * @returns the digest of what was made; with another `format` the registry holds another one
 */
export async function makeBusyboxImage(
  destination: string,
  options: BusyboxImageOptions & PushOptions = {},
): Promise<string> {
  const { format, all = options.architectures !== undefined, ...image } = options;
  const layoutPath = await mkdtemp(join(tmpdir(), "galley-layout-"));
  try {
    const digest = await makeBusyboxLayout(layoutPath, image);
    await pushWithSkopeo({ path: layoutPath, tag: "latest" }, destination, { all, ...(format && { format }) });
    return digest;
  } finally {
    await rm(layoutPath, { recursive: true, force: true });
  }
}
