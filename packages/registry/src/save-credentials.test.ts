import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { type AuthFileOptions, credentialsFromAuthFiles } from "./auth-files.ts";
import type { CredentialHelper } from "./credential-helper.ts";
import { forgetAllCredentials, forgetCredentials } from "./forget-credentials.ts";
import { listCredentials } from "./list-credentials.ts";
import { readTextFile } from "./read-text-file.ts";
import { saveCredentials } from "./save-credentials.ts";

const me = { username: "me", password: "pass:word" };
const encoded = (text: string) => ({ auth: Buffer.from(text).toString("base64") });
let directory = "";

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "galley-auth-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
});

const options = (more: Partial<AuthFileOptions> = {}): AuthFileOptions => ({
  readFile: readTextFile,
  environment: { HOME: directory, XDG_RUNTIME_DIR: directory },
  ...more,
});
const path = (name: string) => join(directory, name);
const primary = () => path("containers/auth.json");
const json = async (file: string) => JSON.parse(await readFile(file, "utf8"));

async function given(file: string, document: unknown): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, typeof document === "string" ? document : JSON.stringify(document));
}

/** Keeps everything in memory, like a key ring. */
function keyRing() {
  const kept = new Map<string, { username: string; password: string }>();
  const openHelper = (name: string): CredentialHelper => ({
    get: async (server) => kept.get(`${name} ${server}`),
    store: async (server, credentials) => void kept.set(`${name} ${server}`, credentials),
    erase: async (server) => kept.delete(`${name} ${server}`),
    list: async () => new Map([...kept].map(([key, { username }]) => [key.slice(name.length + 1), username])),
  });
  return { kept, openHelper };
}

test("saveCredentials() writes a file that only its owner reads, and makes its directory", async () => {
  expect(await saveCredentials(options(), "quay.io", me)).toEqual({ path: primary() });
  expect(await json(primary())).toEqual({ auths: { "quay.io": encoded("me:pass:word") } });
  expect((await stat(primary())).mode & 0o777).toBe(0o600);
  expect((await stat(dirname(primary()))).mode & 0o777).toBe(0o700);
  expect(await credentialsFromAuthFiles(options())("quay.io", "x")).toEqual(me);
  expect(await readdir(dirname(primary()))).toEqual(["auth.json"]);
});

test("saveCredentials() keeps all else that is in the file, and takes it from others' eyes", async () => {
  const before = {
    auths: { "a.io": { ...encoded("a:1"), email: "a@example.test" } },
    proxies: { x: [1] },
    HttpHeaders: {},
  };
  await given(primary(), before);
  await chmod(primary(), 0o644);
  await saveCredentials(options(), "quay.io/team", me);
  expect(await json(primary())).toEqual({
    ...before,
    auths: { ...before.auths, "quay.io/team": encoded("me:pass:word") },
  });
  expect((await stat(primary())).mode & 0o777).toBe(0o600);
});

test("saveCredentials() writes as Docker does where Docker reads", async () => {
  const docker = options({ compatAuthFilePath: path("config.json") });
  await saveCredentials(docker, "docker.io", me);
  expect(Object.keys((await json(path("config.json"))).auths)).toEqual(["https://index.docker.io/v1/"]);
  expect(await credentialsFromAuthFiles(docker)("docker.io", "library/alpine")).toEqual(me);
  await expect(saveCredentials(docker, "quay.io/team", me)).rejects.toMatchObject({ kind: "unsupported" });
});

test("saveCredentials() follows a link, and leaves it one", async () => {
  await given(path("settings/auth.json"), { other: 1 });
  await mkdir(dirname(primary()));
  await symlink("../settings/auth.json", primary());
  await saveCredentials(options(), "quay.io", me);
  expect((await lstat(primary())).isSymbolicLink()).toBe(true);
  expect(await json(path("settings/auth.json"))).toMatchObject({ other: 1, auths: { "quay.io": {} } });
  await rm(primary());
  await symlink("auth.json", primary());
  await expect(saveCredentials(options(), "quay.io", me)).rejects.toThrow(/too many links$/);
});

test("saveCredentials() loses nothing when many write at once", async () => {
  await given(primary(), { auths: {} });
  await Promise.all(Array.from({ length: 30 }, (_, count) => saveCredentials(options(), `r${count}.io`, me)));
  expect(Object.keys((await json(primary())).auths).length).toBe(30);
  expect(await readdir(dirname(primary()))).toEqual(["auth.json"]);
});

test("saveCredentials() makes its change on what another program wrote meanwhile", async () => {
  await given(primary(), { auths: {} });
  const { openHelper } = keyRing();
  let first = true;
  const meddling = (name: string): CredentialHelper => ({
    ...openHelper(name),
    async store() {
      // Between our reading and our writing.
      if (first) await given(primary(), { auths: { "b.io": encoded("b:2") }, credsStore: "ring" });
      first = false;
    },
  });
  await given(primary(), { auths: {}, credsStore: "ring" });
  await saveCredentials(options({ openHelper: meddling }), "a.io", me);
  expect((await json(primary())).auths).toEqual({ "b.io": encoded("b:2"), "a.io": {} });
});

test("saveCredentials() is not stopped by what a killed process left behind", async () => {
  await given(`${primary()}.lock`, "999999999");
  await saveCredentials(options(), "a.io", me);
  await given(`${primary()}.lock`, `${process.pid}`);
  await utimes(`${primary()}.lock`, 0, 0);
  await saveCredentials(options(), "b.io", me);
  expect(Object.keys((await json(primary())).auths)).toEqual(["a.io", "b.io"]);
});

test("saveCredentials() touches nothing that it does not understand", async () => {
  for (const text of ["", "{", '{"auths":[]}']) {
    await given(primary(), text);
    await expect(saveCredentials(options(), "a.io", me)).rejects.toMatchObject({ kind: "invalid" });
    expect(await readFile(primary(), "utf8")).toBe(text);
    expect(await readdir(dirname(primary()))).toEqual(["auth.json"]);
  }
});

test("saveCredentials() says that the session's directory is missing", async () => {
  const environment = { XDG_RUNTIME_DIR: path("nowhere") };
  await expect(saveCredentials(options({ environment }), "a.io", me)).rejects.toThrow(/XDG_RUNTIME_DIR names/);
  await expect(stat(path("nowhere"))).rejects.toThrow();
});

test.each([
  "",
  "https://a.io",
  "a.io/x:tag",
  "a.io/x@sha256:0",
  "a.io/",
  "a.io//x",
  "a b",
  "__proto__",
  "../x",
  "a.io/../x",
])("saveCredentials() refuses the key %j", async (key) => {
  await expect(saveCredentials(options(), key, me)).rejects.toMatchObject({ code: "registry.bad-credential-key" });
});

test("saveCredentials() gives credentials to the helper that the file names", async () => {
  const { kept, openHelper } = keyRing();
  const auth = options({ openHelper });
  await given(primary(), { credHelpers: { "a.io": "cloud" } });
  expect(await saveCredentials(auth, "a.io", me)).toEqual({ path: primary(), helper: "cloud" });
  expect(await json(primary())).toEqual({ credHelpers: { "a.io": "cloud" } });
  await given(primary(), { credsStore: "ring" });
  await saveCredentials(auth, "docker.io", me);
  expect(await json(primary())).toEqual({ credsStore: "ring", auths: { "https://index.docker.io/v1/": {} } });
  expect([...kept.keys()]).toEqual(["cloud a.io", "ring https://index.docker.io/v1/"]);
  expect(await credentialsFromAuthFiles(auth)("docker.io", "x")).toEqual(me);
  await expect(saveCredentials(auth, "a.io/team", me)).rejects.toMatchObject({ code: "registry.no-namespaces" });
  expect(await forgetCredentials(auth, "docker.io")).toBe(true);
  expect(await json(primary())).toEqual({ credsStore: "ring", auths: {} });
  expect([...kept.keys()]).toEqual(["cloud a.io"]);
});

test("forgetCredentials() forgets one registry, by whatever name the file knows it", async () => {
  const auths = {
    "docker.io": encoded("a:1"),
    "https://index.docker.io/v1/": encoded("b:2"),
    "docker.io/team": encoded("c:3"),
    "quay.io": encoded("d:4"),
  };
  await given(primary(), { auths, other: 1 });
  expect(await forgetCredentials(options(), "docker.io")).toBe(true);
  expect(await json(primary())).toEqual({
    auths: { "docker.io/team": auths["docker.io/team"], "quay.io": auths["quay.io"] },
    other: 1,
  });
  expect(await forgetCredentials(options(), "docker.io/team")).toBe(true);
  expect(await forgetCredentials(options(), "docker.io")).toBe(false);
});

test("forgetCredentials() makes no file, and leaves those alone that it does not write", async () => {
  await given(path(".docker/config.json"), { auths: { "a.io": encoded("a:1") } });
  expect(await forgetCredentials(options(), "a.io")).toBe(false);
  expect(await readdir(directory)).toEqual([".docker"]);
  expect((await credentialsFromAuthFiles(options())("a.io", "x"))?.username).toBe("a");
});

test("forgetAllCredentials() empties the file and the helpers that it names", async () => {
  const { kept, openHelper } = keyRing();
  kept.set("cloud a.io", me).set("cloud z.io", me);
  await given(primary(), { auths: { "b.io": encoded("b:1") }, credHelpers: { "a.io": "cloud" }, other: 1 });
  await forgetAllCredentials(options({ openHelper }));
  expect(await json(primary())).toEqual({ auths: {}, credHelpers: { "a.io": "cloud" }, other: 1 });
  expect([...kept.keys()]).toEqual(["cloud z.io"]);
});

test("listCredentials() tells every login once and no secret", async () => {
  const { kept, openHelper } = keyRing();
  kept.set("ring https://index.docker.io/v1/", { username: "hub", password: "x" });
  await given(primary(), { auths: { "a.io": encoded("first:1"), "a.io/team": encoded("team:1") } });
  await given(path(".docker/config.json"), {
    auths: { "https://a.io/v1/": encoded("second:2"), "https://b.io": encoded("b:2") },
    credsStore: "ring",
  });
  const found = await listCredentials(options({ openHelper }));
  expect(found.map(({ key, username, helper }) => [key, username, helper])).toEqual([
    ["a.io", "first", undefined],
    ["a.io/team", "team", undefined],
    ["b.io", "b", undefined],
    ["docker.io", "hub", "ring"],
  ]);
  expect(JSON.stringify(found)).not.toContain("pass");
});

test("saveCredentials() and forgetCredentials() go to the helpers that the configuration of registries names", async () => {
  const { kept, openHelper } = keyRing();
  const auth = options({ openHelper, credentialHelpers: ["ring", "containers-auth.json"] });
  expect(await saveCredentials(auth, "a.io", me)).toEqual({ helper: "ring" });
  expect(await saveCredentials(auth, "a.io/team", me)).toEqual({ path: primary() });
  await given(primary(), { auths: { "a.io": encoded("old:1") } });
  expect(await forgetCredentials(auth, "a.io")).toBe(true);
  expect([kept.size, await json(primary())]).toEqual([0, { auths: {} }]);
  await saveCredentials(auth, "b.io", me);
  await forgetAllCredentials(auth);
  expect(kept.size).toBe(0);
  await expect(
    saveCredentials(options({ openHelper, credentialHelpers: ["ring"] }), "a.io/team", me),
  ).rejects.toMatchObject({
    code: "registry.no-namespaces",
  });
});
