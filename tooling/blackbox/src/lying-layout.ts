import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

interface Descriptor {
  digest: string;
  size: number;
}

/** Makes the configuration of an OCI layout's one image name another archive for its first layer; all other digests stay right. */
export async function replaceDiffId(layoutPath: string): Promise<void> {
  const blob = (digest: string): string => join(layoutPath, "blobs", digest.replace(":", "/"));
  const read = async (path: string) => JSON.parse(await readFile(path, "utf8"));
  const rewrite = async (descriptor: Descriptor, change: (value: never) => void | Promise<void>): Promise<void> => {
    const value = await read(blob(descriptor.digest));
    await change(value as never);
    const bytes = Buffer.from(JSON.stringify(value));
    descriptor.digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
    descriptor.size = bytes.length;
    await writeFile(blob(descriptor.digest), bytes);
  };
  const index = (await read(join(layoutPath, "index.json"))) as { manifests: [Descriptor] };
  await rewrite(index.manifests[0], async (manifest: { config: Descriptor }) => {
    await rewrite(manifest.config, (config: { rootfs: { diff_ids: string[] } }) => {
      config.rootfs.diff_ids[0] = `sha256:${"12".repeat(32)}`;
    });
  });
  await writeFile(join(layoutPath, "index.json"), JSON.stringify(index));
}
