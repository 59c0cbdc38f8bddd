import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type BusyboxImageOptions, makeBusyboxLayout } from "@galley/testing-images";

const run = promisify(execFile);

/** One kind of image. */
export interface SampleKind {
  readonly family: "oci" | "v2s2";
  readonly compression: "gzip" | "zstd";
  /** With several platforms, in an index or a list. */
  readonly many: boolean;
}

/** Schema 2 has no zstd. */
export const sampleKinds: readonly SampleKind[] = [
  { family: "oci", compression: "gzip", many: false },
  { family: "oci", compression: "zstd", many: false },
  { family: "v2s2", compression: "gzip", many: false },
  { family: "oci", compression: "gzip", many: true },
  { family: "oci", compression: "zstd", many: true },
  { family: "v2s2", compression: "gzip", many: true },
];

/** What it is called: "oci-zstd-index". */
export function kindName({ family, compression, many }: SampleKind): string {
  return [family, compression, ...(many ? ["index"] : [])].join("-");
}

/** An image in a registry, and what it is known by. Told from the registry's bytes alone. */
export interface Sample {
  /** `127.0.0.1:PORT/source/oci-gzip:1` */
  readonly name: string;
  /** Of what the name leads to. */
  readonly rootDigest: string;
  /** Of the manifest for this machine. */
  readonly manifestDigest: string;
  readonly configDigest: string;
  readonly diffIds: readonly string[];
}

const ours = process.arch === "x64" ? "amd64" : process.arch;
const layers: NonNullable<BusyboxImageOptions["layers"]> = [
  [
    { name: "etc/second", content: "of the second layer\n" },
    { name: "etc/third", content: "to be removed\n" },
  ],
  [{ name: "etc", type: "directory", mode: 0o755 }, { name: "etc/.wh.third" }],
];

/** Makes an image and pushes it, with nothing of ours. */
export async function makeSample(registry: string, kind: SampleKind): Promise<Sample> {
  const name = `${registry}/source/${kindName(kind)}:1`;
  const path = await mkdtemp(join(tmpdir(), "galley-sample-"));
  try {
    const options = { compression: kind.compression, layers };
    await makeBusyboxLayout(path, kind.many ? { ...options, architectures: ["s390x", ours] } : options);
    // Otherwise skopeo puts layers in their place that it knows to be the same with another compression.
    const form = kind.family === "oci" ? ["--preserve-digests"] : ["--format", "v2s2"];
    const flags = ["--insecure-policy", "copy", "--quiet", "--all", "--dest-tls-verify=false", ...form];
    await run("skopeo", [...flags, `oci:${path}:latest`, `docker://${name}`]);
  } finally {
    await rm(path, { recursive: true });
  }
  return { name, ...(await describeImage(name)) };
}

interface Document {
  readonly manifests?: readonly { digest: string; platform: { architecture: string } }[];
  readonly config: { readonly digest: string };
}

/** Asks a registry what an image is. */
export async function describeImage(name: string): Promise<Omit<Sample, "name">> {
  const [, address, repository, tag = ""] = /^([^/]+)\/(.+):([^:]+)$/.exec(name) ?? [];
  const get = async (path: string): Promise<Uint8Array> => {
    const accept = ["oci.image.index.v1", "docker.distribution.manifest.list.v2", "oci.image.manifest.v1"];
    const types = [...accept, "docker.distribution.manifest.v2"].map((type) => `application/vnd.${type}+json`);
    const reply = await fetch(`http://${address}/v2/${repository}/${path}`, { headers: { accept: types.join(", ") } });
    if (!reply.ok) throw new Error(`${path} of ${name}: ${reply.status}`);
    return new Uint8Array(await reply.arrayBuffer());
  };
  const root = await get(`manifests/${tag}`);
  const own = read<Document>(root).manifests?.find(({ platform }) => platform.architecture === ours);
  const manifest = own ? await get(`manifests/${own.digest}`) : root;
  const configDigest = read<Document>(manifest).config.digest;
  const config = read<{ rootfs: { diff_ids: string[] } }>(await get(`blobs/${configDigest}`));
  return {
    rootDigest: sha256(root),
    manifestDigest: sha256(manifest),
    configDigest,
    diffIds: config.rootfs.diff_ids,
  };
}

function read<Value>(bytes: Uint8Array): Value {
  return JSON.parse(Buffer.from(bytes).toString()) as Value;
}

/** A digest, by Node's own means. */
export function sha256(bytes: Uint8Array | string): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
