import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { digestOf } from "@galley/spec";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  acrUser,
  type FakeRegistry,
  requestsWithCredentials,
  seedImage,
  startAcr,
  startDockerHub,
  startEcr,
  startGcr,
  startGhcr,
  startQuay,
  startRedHatAccess,
  startRedHatRegistry,
} from "./index.ts";

const missing = spawnSync("skopeo", ["--version"]).error ? "skopeo is not installed" : "";
const run = promisify(execFile);
const me = { accounts: { me: "s3cret" }, privateRepositories: ["team/app"] };

/** What another client says to our fakes: if it cannot pull, they are not like what they imitate. */
describe.skipIf(missing)(`skopeo with the fake registries${missing && ` (skipped: ${missing})`}`, () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "galley-fakes-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function pull(registry: FakeRegistry, name: string, credentials?: string): Promise<void> {
    const { manifest } = await seedImage(registry.store, name, "v1");
    const to = join(folder, `${registry.address.replace(":", "-")}-${name.replace("/", "-")}`);
    const flags = ["--src-tls-verify=false", ...(credentials === undefined ? [] : ["--src-creds", credentials])];
    await run("skopeo", [
      "--insecure-policy",
      "copy",
      ...flags,
      `docker://${registry.address}/${name}:v1`,
      `dir:${to}`,
    ]);
    expect(digestOf(await readFile(join(to, "manifest.json")))).toBe(manifest.digest);
    expect(registry.storage.seen.length).toBeGreaterThan(0);
    expect(requestsWithCredentials(registry.storage)).toEqual([]);
  }

  async function login(registry: FakeRegistry, user: string, password: string): Promise<string> {
    const file = join(folder, "auth.json");
    const { stdout } = await run("skopeo", [
      ...["login", "--tls-verify=false", "--authfile", file],
      ...["-u", user, "-p", password, registry.address],
    ]);
    return stdout.trim();
  }

  test("startDockerHub() serves anyone and logs in", async () => {
    await using hub = await startDockerHub(me);
    await pull(hub, "library/alpine");
    await pull(hub, "team/app", "me:s3cret");
    expect(await login(hub, "me", "s3cret")).toBe("Login Succeeded!");
    await expect(login(hub, "me", "wrong")).rejects.toThrow("invalid username/password");
    await expect(pull(hub, "team/app")).rejects.toThrow(/unauthorized|denied/i);
  });

  test("startQuay() serves robots", async () => {
    await using quay = await startQuay({ accounts: { "team+robot": "t0ken" }, privateRepositories: ["team/app"] });
    await pull(quay, "team/app", "team+robot:t0ken");
    expect(await login(quay, "team+robot", "t0ken")).toBe("Login Succeeded!");
  });

  test("startRedHatAccess() and startRedHatRegistry() serve with and without a login", async () => {
    await using open = await startRedHatAccess();
    await pull(open, "ubi9/ubi");
    await using registry = await startRedHatRegistry(me);
    await pull(registry, "rhel9/toolbox", "me:s3cret");
    await expect(login(registry, "me", "wrong")).rejects.toThrow("invalid username/password");
  });

  test("startEcr() serves AWS", async () => {
    await using ecr = await startEcr({ repositories: ["team/app"] });
    const password = ecr.newPassword();
    await pull(ecr, "team/app", `AWS:${password}`);
    expect(await login(ecr, "AWS", password)).toBe("Login Succeeded!");
  });

  test("startGcr(), startAcr() and startGhcr() serve their users", async () => {
    await using gcr = await startGcr({ accounts: { oauth2accesstoken: "ya29" }, privateRepositories: ["p/app"] });
    await pull(gcr, "p/app", "oauth2accesstoken:ya29");
    await using acr = await startAcr({ refreshTokens: ["refresh"] });
    await pull(acr, "app", `${acrUser}:refresh`);
    await using ghcr = await startGhcr(me);
    await pull(ghcr, "open/app");
    await pull(ghcr, "team/app", "me:s3cret");
    expect(await login(ghcr, "me", "s3cret")).toBe("Login Succeeded!");
  });
});
