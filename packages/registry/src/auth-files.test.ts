import { expect, test } from "vitest";
import { type AuthFileOptions, credentialsFromAuthFiles } from "./auth-files.ts";
import { authFilePaths, authFileToWrite } from "./auth-places.ts";
import type { CredentialHelper } from "./credential-helper.ts";
import { readTextFile } from "./read-text-file.ts";

const entry = (text: string) => ({ auth: Buffer.from(text).toString("base64") });

function lookup(files: Readonly<Record<string, unknown>>, more: Partial<AuthFileOptions> = {}) {
  const readFile = async (path: string): Promise<string | undefined> => {
    const file = files[path];
    return typeof file === "string" || file === undefined ? file : JSON.stringify(file);
  };
  return credentialsFromAuthFiles({ readFile, environment: { HOME: "/h" }, ...more });
}

test("authFilePaths() gives Podman's and Docker's places in order", () => {
  expect(authFilePaths({ environment: { HOME: "/h", XDG_RUNTIME_DIR: "/run/user/5" } })).toEqual([
    "/run/user/5/containers/auth.json",
    "/h/.config/containers/auth.json",
    "/h/.docker/config.json",
    "/h/.dockercfg",
  ]);
  expect(authFilePaths({ environment: { HOME: "/h", XDG_CONFIG_HOME: "/c" }, uid: 0 })).toEqual([
    "/run/containers/0/auth.json",
    "/c/containers/auth.json",
    "/h/.docker/config.json",
    "/h/.dockercfg",
  ]);
  expect(authFilePaths({ environment: {} })).toEqual([]);
});

test("authFilePaths() gives a file that was named, alone", () => {
  const environment = { HOME: "/h", REGISTRY_AUTH_FILE: "/a", DOCKER_CONFIG: "/d" };
  expect(authFilePaths({ environment: { ...environment, REGISTRY_AUTH_FILE: "" } })).toEqual(["/d/config.json"]);
  expect(authFilePaths({ environment })).toEqual(["/a"]);
  expect(authFilePaths({ environment, authFilePath: "/b" })).toEqual(["/b"]);
  expect(authFilePaths({ environment, compatAuthFilePath: "/c" })).toEqual(["/c"]);
  expect(() => authFilePaths({ environment, authFilePath: "/b", compatAuthFilePath: "/c" })).toThrow("at once");
});

test("authFileToWrite() gives the session's file, or one that was named in its format", () => {
  const environment = { HOME: "/h", XDG_RUNTIME_DIR: "/r" };
  expect(authFileToWrite({ environment })).toEqual({ path: "/r/containers/auth.json", docker: false });
  expect(authFileToWrite({ environment: { ...environment, DOCKER_CONFIG: "/d" } })).toEqual({
    path: "/d/config.json",
    docker: true,
  });
  expect(authFileToWrite({ environment, authFilePath: "/b" })).toEqual({ path: "/b", docker: false });
  expect(authFileToWrite({ environment, compatAuthFilePath: "/c" })).toEqual({ path: "/c", docker: true });
  expect(() => authFileToWrite({ environment: { HOME: "/h" } })).toThrow("nothing says where");
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

// REG-05 of the security cases: a key is for its own host and port alone, spelt as it is.
test.each([
  ["a.io", "a.io", true],
  ["https://a.io", "a.io", true],
  ["http://a.io/v1/", "a.io", true],
  ["https://a.io/v2", "a.io", true],
  ["https://a.io:443/v2/", "a.io", false],
  ["https://a.io:5000", "a.io:5000", true],
  ["a.io:5000", "a.io", false],
  ["a.io", "a.io:5000", false],
  ["a.io/", "a.io", false],
  ["A.io", "a.io", false],
  ["a.io.evil.io", "a.io", false],
  ["evil-a.io", "a.io", false],
  ["*.io", "a.io", false],
  ["", "a.io", false],
  ["https://a.io@evil.io/", "a.io", false],
  ["https://index.docker.io/v1/", "docker.io", true],
  ["index.docker.io", "docker.io", true],
  ["registry-1.docker.io", "docker.io", true],
  ["https://index.docker.io/v1/", "hub.docker.io", false],
  ["https://index.docker.io/v1/", "a.io", false],
])("credentialsFromAuthFiles() takes the key %j for %j: %j", async (key, domain, matches) => {
  const find = lookup({ "/h/.docker/config.json": { auths: { [key]: entry("me:pw") } } });
  expect((await find(domain, "x"))?.username).toBe(matches ? "me" : undefined);
});

test("credentialsFromAuthFiles() prefers the plain name of a registry to its address", async () => {
  const auths = { "https://a.io/v1/": entry("old:1"), "a.io": entry("new:2") };
  expect((await lookup({ "/h/.docker/config.json": { auths } })("a.io", "x"))?.username).toBe("new");
});

test("credentialsFromAuthFiles() reads a .dockercfg, where every key is a registry", async () => {
  const find = lookup({ "/h/.dockercfg": { "https://a.io/v1/": entry("me:1"), "b.io/x": entry("you:2") } });
  expect((await find("a.io", "x"))?.username).toBe("me");
  expect((await find("b.io", "y"))?.username).toBe("you");
});

test("credentialsFromAuthFiles() says that a file it was given is not there", async () => {
  await expect(lookup({}, { authFilePath: "/typo.json" })("a.io", "x")).rejects.toMatchObject({
    kind: "invalid",
    code: "registry.no-auth-file",
    message: expect.stringContaining("/typo.json"),
  });
  expect(await lookup({ "/a.json": {} }, { authFilePath: "/a.json" })("a.io", "x")).toBeUndefined();
});

/** Helpers that note what they are asked and know what is given as `name server`. */
function helpers(known: Readonly<Record<string, string>>) {
  const asked: string[] = [];
  const openHelper = (name: string): CredentialHelper => ({
    async get(server) {
      asked.push(`${name} ${server}`);
      const username = known[`${name} ${server}`];
      return username === undefined ? undefined : { username, password: "secret" };
    },
    store: async () => undefined,
    erase: async () => false,
    list: async () => new Map(),
  });
  return { asked, openHelper };
}

test("credentialsFromAuthFiles() asks the helper of a registry and no other", async () => {
  const { asked, openHelper } = helpers({ "cloud a.io": "cloudy", "ring b.io": "ringed" });
  const file = {
    auths: { "a.io": entry("plain:1"), "c.io": entry("plain:1") },
    credHelpers: { "a.io": "cloud", "d.io": "cloud" },
    credsStore: "ring",
  };
  const find = lookup({ "/h/.docker/config.json": file }, { openHelper });
  expect((await find("a.io", "team/app"))?.username).toBe("cloudy");
  expect((await find("b.io", "x"))?.username).toBe("ringed");
  expect((await find("c.io", "x"))?.username).toBe("plain");
  expect(await find("d.io", "x")).toBeUndefined();
  expect(asked).toEqual(["cloud a.io", "ring b.io", "cloud d.io"]);
});

test("credentialsFromAuthFiles() asks for Docker's registry by the name that was used to keep it", async () => {
  const { asked, openHelper } = helpers({});
  const hub = "https://index.docker.io/v1/";
  for (const file of [{ credsStore: "s" }, { credHelpers: { [hub]: "s" } }, { credHelpers: { "docker.io": "s" } }]) {
    await lookup({ "/h/.docker/config.json": file }, { openHelper })("docker.io", "library/alpine");
  }
  expect(asked).toEqual([`s ${hub}`, `s ${hub}`, "s docker.io"]);
});

test("credentialsFromAuthFiles() goes on with the next file when a helper knows nothing", async () => {
  const { openHelper } = helpers({});
  const files = {
    "/h/.config/containers/auth.json": { credHelpers: { "a.io": "ring" } },
    "/h/.docker/config.json": { auths: { "a.io": entry("docker:1") } },
  };
  expect((await lookup(files, { openHelper })("a.io", "x"))?.username).toBe("docker");
});

test("credentialsFromAuthFiles() does not go on without a helper that is named and missing", async () => {
  const file = { auths: { "a.io": entry("plain:1") }, credHelpers: { "a.io": "nowhere" } };
  const find = lookup({ "/h/.docker/config.json": file }, { environment: { HOME: "/h", PATH: "/nonexistent" } });
  await expect(find("a.io", "x")).rejects.toMatchObject({ code: "registry.credential-helper-missing" });
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
