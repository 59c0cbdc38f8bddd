import { expect, test } from "vitest";
import { type AuthFileOptions, authFilePaths, credentialsFromAuthFiles } from "./auth-files.ts";
import { readTextFile } from "./read-text-file.ts";

const entry = (text: string) => ({ auth: Buffer.from(text).toString("base64") });

function lookup(
  files: Readonly<Record<string, unknown>>,
  environment: AuthFileOptions["environment"] = { HOME: "/h" },
) {
  const readFile = async (path: string): Promise<string | undefined> => {
    const file = files[path];
    return typeof file === "string" || file === undefined ? file : JSON.stringify(file);
  };
  return credentialsFromAuthFiles({ readFile, environment });
}

test("authFilePaths() gives Podman's and Docker's places in order", () => {
  const readFile = readTextFile;
  expect(authFilePaths({ readFile, environment: { HOME: "/h", XDG_RUNTIME_DIR: "/run/user/5" } })).toEqual([
    "/run/user/5/containers/auth.json",
    "/h/.config/containers/auth.json",
    "/h/.docker/config.json",
  ]);
  expect(
    authFilePaths({ readFile, environment: { HOME: "/h", XDG_CONFIG_HOME: "/c", DOCKER_CONFIG: "/d" }, uid: 0 }),
  ).toEqual(["/run/containers/0/auth.json", "/c/containers/auth.json", "/d/config.json"]);
  expect(authFilePaths({ readFile, environment: { HOME: "/h", REGISTRY_AUTH_FILE: "/a" } })).toEqual(["/a"]);
  expect(authFilePaths({ readFile, environment: { REGISTRY_AUTH_FILE: "/a" }, authFilePath: "/b" })).toEqual(["/b"]);
  expect(authFilePaths({ readFile, environment: {} })).toEqual([]);
});

test("credentialsFromAuthFiles() prefers the entry nearest to the repository", async () => {
  const auths = { "quay.io": entry("all:1"), "quay.io/team": entry("team:2"), "quay.io/team/app": entry("app:3:4") };
  const find = lookup({ "/h/.docker/config.json": { auths } });
  expect(await find("quay.io", "team/app")).toEqual({ username: "app", password: "3:4" });
  expect(await find("quay.io", "team/other")).toEqual({ username: "team", password: "2" });
  expect(await find("quay.io", "teamwork")).toEqual({ username: "all", password: "1" });
  expect(await find("ghcr.io", "team/app")).toBeUndefined();
});

test("credentialsFromAuthFiles() asks the next file when one does not know the registry", async () => {
  const find = lookup({
    "/h/.config/containers/auth.json": { auths: { "a.io": entry("podman:1"), "b.io": {} } },
    "/h/.docker/config.json": { auths: { "a.io": entry("docker:2"), "https://b.io/v2/": entry("docker:3") } },
  });
  expect((await find("a.io", "x"))?.username).toBe("podman");
  expect((await find("b.io", "x"))?.password).toBe("3");
});

test("credentialsFromAuthFiles() knows Docker's name of its own registry", async () => {
  const find = lookup({ "/h/.docker/config.json": { auths: { "https://index.docker.io/v1/": entry("me:pw\0\0") } } });
  expect(await find("docker.io", "library/alpine")).toEqual({ username: "me", password: "pw" });
});

test("credentialsFromAuthFiles() reads identity tokens", async () => {
  const auths = { "a.io": { identitytoken: "refresh" }, "b.io": { ...entry("me:"), identitytoken: "other" } };
  const find = lookup({ "/h/.docker/config.json": { auths } });
  expect(await find("a.io", "x")).toEqual({ username: "", password: "", identityToken: "refresh" });
  expect(await find("b.io", "x")).toEqual({ username: "me", password: "", identityToken: "other" });
});

test("credentialsFromAuthFiles() says which file is bad and never what is in it", async () => {
  for (const file of ['{"auths":secret', { auths: { "a.io": { auth: "c2VjcmV0" } } }, `"${"x".repeat(2e6)}"`]) {
    const found = lookup({ "/h/.docker/config.json": file })("a.io", "x");
    await expect(found).rejects.toMatchObject({
      kind: "invalid",
      message: expect.stringMatching(/^read \/h\/.docker\/config.json: (?!.*secret)/),
    });
  }
});

test("credentialsFromAuthFiles() ignores files of another shape", async () => {
  for (const file of [[], 1, null, { auths: [] }, { auths: { "a.io": null } }, { auths: { "a.io": { auth: 1 } } }]) {
    expect(await lookup({ "/h/.docker/config.json": JSON.stringify(file) })("a.io", "x")).toBeUndefined();
  }
});

test("readTextFile() takes a missing file for none, and no other trouble", async () => {
  expect(await readTextFile("/nonexistent/auth.json")).toBeUndefined();
  expect(await readTextFile("/dev/null/auth.json")).toBeUndefined();
  await expect(readTextFile("/")).rejects.toThrow(/^read \/: /);
});
