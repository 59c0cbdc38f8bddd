import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type DockerHub, startDockerHub } from "@galley/testing-registries";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findCredentials } from "./auth-files.ts";
import { forgetCredentials } from "./forget-credentials.ts";
import { readTextFile } from "./read-text-file.ts";
import { saveCredentials } from "./save-credentials.ts";

const missing = spawnSync("podman", ["--version"]).error ? "podman is not installed" : "";
const run = promisify(execFile);

describe.skipIf(missing)(`auth files with podman${missing && ` (skipped: ${missing})`}`, () => {
  let folder = "";
  let hub: DockerHub;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "galley-auth-files-"));
    hub = await startDockerHub({ accounts: { me: "pass:word" } });
  });
  afterAll(async () => {
    await hub?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  const options = (authFilePath: string) => ({ readFile: readTextFile, environment: {}, authFilePath });
  const podman = async (...args: string[]) => (await run("podman", args)).stdout.trim();
  const getLogin = (file: string, key: string) => podman("login", "--authfile", file, "--get-login", key);

  test("saveCredentials() writes what podman reads, for registries and parts of them", async () => {
    const file = join(folder, "ours.json");
    await saveCredentials(options(file), "quay.io", { username: "all", password: "1" });
    await saveCredentials(options(file), "quay.io/team", { username: "team", password: "2" });
    await saveCredentials(options(file), "docker.io", { username: "hub", password: "3" });
    for (const [key, user] of [
      ["quay.io", "all"],
      ["quay.io/team", "team"],
      ["quay.io/team/app", "team"],
      ["quay.io/teamwork", "all"],
      ["docker.io", "hub"],
    ] as const) {
      expect(await getLogin(file, key)).toBe(user);
      const [domain = "", ...rest] = key.split("/");
      expect((await findCredentials(options(file), domain, rest.join("/")))?.username).toBe(user);
    }
  });

  test("findCredentials() and forgetCredentials() know what podman wrote, and podman what is left", async () => {
    const file = join(folder, "theirs.json");
    const login = ["login", "--tls-verify=false", "--authfile", file, "-u", "me", "-p", "pass:word"];
    expect(await podman(...login, hub.address)).toBe("Login Succeeded!");
    expect(await podman(...login, `${hub.address}/team`)).toBe("Login Succeeded!");
    expect(await findCredentials(options(file), hub.address, "team/app")).toEqual({
      username: "me",
      password: "pass:word",
    });
    expect(await forgetCredentials(options(file), `${hub.address}/team`)).toBe(true);
    expect(await getLogin(file, hub.address)).toBe("me");
    expect(await podman("logout", "--authfile", file, hub.address)).toContain("Removed login credentials");
    expect(await forgetCredentials(options(file), hub.address)).toBe(false);
  });

  test("findCredentials() chooses among keys as podman does", async () => {
    const entry = (user: string) => ({ auth: Buffer.from(`${user}:x`).toString("base64") });
    const auths = {
      "https://a.example/v1/": entry("address"),
      "b.example/": entry("slash"),
      "B.example": entry("case"),
      "c.example:5000": entry("port"),
      "https://index.docker.io/v1/": entry("hub"),
      "d.example/x": entry("part"),
      "http://e.example": entry("plain"),
    };
    const file = join(folder, "keys.json");
    await writeFile(file, JSON.stringify({ auths }));
    for (const key of [
      "a.example",
      "b.example",
      "c.example",
      "c.example:5000",
      "docker.io",
      "d.example",
      "d.example/x",
      "e.example",
    ]) {
      const theirs = await getLogin(file, key).catch(() => undefined);
      const [domain = "", ...rest] = key.split("/");
      expect([key, (await findCredentials(options(file), domain, rest.join("/")))?.username]).toEqual([key, theirs]);
    }
    expect(JSON.parse(await readFile(file, "utf8"))).toEqual({ auths });
  });
});
