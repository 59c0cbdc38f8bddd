import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeBusyboxImage, missingForHostTest, type RunningRegistry, startDebianRegistry } from "./index.ts";

const run = promisify(execFile);
const reason = missingForHostTest({ programs: ["busybox", "docker-registry", "skopeo"] });

interface Manifest {
  readonly mediaType: string;
  readonly layers?: readonly { readonly mediaType: string }[];
  readonly manifests?: readonly unknown[];
}

describe.skipIf(reason !== undefined)(`makeBusyboxImage()${reason === undefined ? "" : ` (${reason})`}`, () => {
  let registry: RunningRegistry;
  beforeAll(async () => {
    registry = await startDebianRegistry();
  });
  afterAll(() => registry?.[Symbol.asyncDispose]());

  async function manifestOf(name: string): Promise<Manifest> {
    const { stdout } = await run("skopeo", [
      "inspect",
      "--raw",
      "--tls-verify=false",
      `docker://${registry.address}/${name}`,
    ]);
    return JSON.parse(stdout) as Manifest;
  }

  test("makeBusyboxImage() makes an OCI image with a gzip layer", async () => {
    await makeBusyboxImage(`${registry.address}/gzip:latest`);
    expect((await manifestOf("gzip")).layers?.[0]?.mediaType).toBe("application/vnd.oci.image.layer.v1.tar+gzip");
  });

  test("makeBusyboxImage() makes an image with zstd layers", async () => {
    await makeBusyboxImage(`${registry.address}/zstd:latest`, {
      compression: "zstd",
      layers: [[{ name: "a", content: "b" }]],
    });
    const types = (await manifestOf("zstd")).layers?.map(({ mediaType }) => mediaType);
    expect(types).toEqual(Array(2).fill("application/vnd.oci.image.layer.v1.tar+zstd"));
  });

  test("makeBusyboxImage() makes a Docker schema 2 image", async () => {
    await makeBusyboxImage(`${registry.address}/docker:latest`, { format: "v2s2" });
    expect((await manifestOf("docker")).mediaType).toBe("application/vnd.docker.distribution.manifest.v2+json");
  });

  test("makeBusyboxImage() makes a multi-platform index", async () => {
    await makeBusyboxImage(`${registry.address}/many:latest`, { architectures: ["amd64", "arm64"] });
    expect((await manifestOf("many")).manifests).toHaveLength(2);
  });
});
