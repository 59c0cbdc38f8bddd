import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createMemoryStore, type RegistryServer, serveRegistry } from "./index.ts";
import { writeOciLayout } from "./testing/oci-layout.ts";

const missing = spawnSync("skopeo", ["--version"]).error ? "skopeo is not installed" : "";
const run = promisify(execFile);

describe.skipIf(missing)(`serveRegistry() with skopeo${missing && ` (skipped: ${missing})`}`, () => {
  let folder = "";
  let registry: RegistryServer;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "galley-registry-server-"));
    registry = await serveRegistry({ store: createMemoryStore() });
  });
  afterAll(async () => {
    await registry[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  const copy = (...args: string[]) =>
    run("skopeo", ["--insecure-policy", "copy", "--src-tls-verify=false", "--dest-tls-verify=false", ...args]);
  const remote = (name: string): string => `docker://${registry.address}/${name}`;
  const manifestOf = async (layout: string): Promise<string> => {
    const index = JSON.parse(await readFile(join(layout, "index.json"), "utf8")) as { manifests: [{ digest: string }] };
    return index.manifests[0].digest;
  };

  test("serveRegistry() takes an OCI image and gives the same one back", async () => {
    const [layout, back] = [join(folder, "one"), join(folder, "one-back")];
    await writeOciLayout(layout, ["amd64"]);
    await copy(`oci:${layout}:v1`, remote("team/one:v1"));
    await copy(remote("team/one:v1"), `oci:${back}:v1`);
    expect(await manifestOf(back)).toBe(await manifestOf(layout));
  });

  test("serveRegistry() takes an index of several platforms and gives the same one back", async () => {
    const [layout, back] = [join(folder, "many"), join(folder, "many-back")];
    await writeOciLayout(layout, ["amd64", "arm64"]);
    await copy("--all", `oci:${layout}:v1`, remote("many:v1"));
    await copy("--all", remote("many:v1"), `oci:${back}:v1`);
    expect(await manifestOf(back)).toBe(await manifestOf(layout));
  });

  test("serveRegistry() takes Docker's schema 2, mounts between repositories, lists and deletes", async () => {
    const layout = join(folder, "docker");
    await writeOciLayout(layout, ["amd64"]);
    await copy("--format", "v2s2", `oci:${layout}:v1`, remote("docker:v1"));
    await copy(remote("docker:v1"), remote("elsewhere/docker:v2"));
    const list = await run("skopeo", ["list-tags", "--tls-verify=false", remote("docker")]);
    expect(JSON.parse(list.stdout)).toMatchObject({ Tags: ["v1"] });
    const inspect = await run("skopeo", ["inspect", "--tls-verify=false", "--raw", remote("elsewhere/docker:v2")]);
    expect(JSON.parse(inspect.stdout).mediaType).toBe("application/vnd.docker.distribution.manifest.v2+json");
    await run("skopeo", ["delete", "--tls-verify=false", remote("docker:v1")]);
    await expect(run("skopeo", ["inspect", "--tls-verify=false", remote("docker:v1")])).rejects.toThrow(
      /manifest unknown/,
    );
  });

  test("serveRegistry() takes zstd layers", async () => {
    const [layout, back] = [join(folder, "zstd"), join(folder, "zstd-back")];
    await writeOciLayout(layout, ["amd64"]);
    await copy("--dest-compress-format", "zstd", `oci:${layout}:v1`, remote("zstd:v1"));
    await copy(remote("zstd:v1"), `oci:${back}:v1`);
  });
});
