import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { type DockerHub, requestsWith, startDockerHub } from "@galley/testing-registries";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { main } from "./main.ts";
import { output } from "./output/print.ts";

let directory = "";
let hub: DockerHub;
let out = "";
let err = "";
const stdin = Object.getOwnPropertyDescriptor(process, "stdin") ?? {};

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "galley-login-"));
  hub = await startDockerHub({ accounts: { me: "s3cret" } });
  out = "";
  err = "";
  vi.spyOn(output, "writeSync").mockImplementation(((fd: number, bytes: Uint8Array) => {
    if (fd === 1) out += Buffer.from(bytes).toString();
    else err += Buffer.from(bytes).toString();
    return bytes.length;
  }) as never);
  vi.stubEnv("HOME", directory);
  vi.stubEnv("XDG_RUNTIME_DIR", directory);
  for (const name of ["REGISTRY_AUTH_FILE", "DOCKER_CONFIG", "XDG_CONFIG_HOME"]) vi.stubEnv(name, undefined);
  typed("");
});

afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  Object.defineProperty(process, "stdin", stdin);
  await hub[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

/** Standard input; a terminal when it says so. */
function typed(text: string, isTTY = false): void {
  const input = Object.assign(Readable.from(text === "" ? [] : [Buffer.from(text)]), { isTTY });
  Object.defineProperty(process, "stdin", { value: input, configurable: true });
}

async function galley(...args: string[]): Promise<number> {
  out = "";
  err = "";
  return main(args);
}

const authFile = () => join(directory, "containers/auth.json");
const auths = async (path = authFile()) => JSON.parse(await readFile(path, "utf8")).auths as Record<string, unknown>;

test("galley login keeps what the registry takes, and logout forgets it", async () => {
  expect(await galley("login", "-u", "me", "-p", "s3cret", "--verbose", hub.address)).toBe(0);
  expect(out).toBe(`Used:  ${authFile()}\nLogin Succeeded!\n`);
  expect(await auths()).toEqual({ [hub.address]: { auth: Buffer.from("me:s3cret").toString("base64") } });
  expect(await galley("login", "--get-login", hub.address)).toBe(0);
  expect(out).toBe("me\n");
  expect(await galley("logout", hub.address)).toBe(0);
  expect(out).toBe(`Removed login credentials for ${hub.address}\n`);
  expect(await galley("logout", hub.address)).toBe(125);
  expect(err).toBe(`Error: not logged into ${hub.address}\n`);
  expect(requestsWith(hub, "s3cret")).toEqual([]);
});

test("galley login reads the password from standard input", async () => {
  typed("s3cret\n");
  expect(await galley("login", "-u", "me", "--password-stdin", `http://${hub.address}/v2/`)).toBe(0);
  expect([out, Object.keys(await auths())]).toEqual(["Login Succeeded!\n", [hub.address]]);
});

test("galley login says that a password is wrong, and keeps nothing", async () => {
  expect(await galley("login", "-u", "me", "-p", "wr0ng", hub.address)).toBe(125);
  expect(err).toBe(`Error: logging into "${hub.address}": invalid username/password\n`);
  await expect(auths()).rejects.toThrow("ENOENT");
});

test("galley login asks nobody who is not there", async () => {
  for (const flags of [[], ["-u", "me"], ["-p", "s3cret"]]) {
    expect(await galley("login", ...flags, hub.address)).toBe(125);
    expect(err).toMatch(/^Error: .*standard input is no terminal; use --username and --password-stdin\n$/);
  }
  expect(await galley("login", "--password-stdin", hub.address)).toBe(125);
  expect(err).toBe("Error: must provide --username with --password-stdin\n");
  expect(await galley("login", "-u", "me", "-p", "x", "--password-stdin", hub.address)).toBe(125);
  expect(err).toBe("Error: can't specify both --password-stdin and --password\n");
  expect(await galley("login", "-u", "me", "--password-stdin", hub.address)).toBe(125);
  expect(err).toBe("Error: there is no password on standard input\n");
});

test("galley login asks at a terminal for what is missing", async () => {
  typed("s3cret\r", true);
  expect(await galley("login", "-u", "me", hub.address)).toBe(0);
  expect(out).toBe("Password: \nLogin Succeeded!\n");
});

test("galley login tries what it knows already", async () => {
  await galley("login", "-u", "me", "-p", "s3cret", hub.address);
  expect(await galley("login", hub.address)).toBe(0);
  expect(out).toBe(
    `Authenticating with existing credentials for ${hub.address}\n` +
      `Existing credentials are valid. Already logged in to ${hub.address}\n`,
  );
  const auth = Buffer.from("me:old").toString("base64");
  await writeFile(authFile(), JSON.stringify({ auths: { [hub.address]: { auth } } }));
  expect(await galley("login", hub.address)).toBe(125);
  expect(out).toContain("Existing credentials are invalid, please enter valid username and password\n");
});

test("galley login keeps a login for a part of a registry, and for Docker in its manner", async () => {
  expect(await galley("login", "-u", "me", "-p", "s3cret", `${hub.address}/team`)).toBe(0);
  expect(Object.keys(await auths())).toEqual([`${hub.address}/team`]);
  const compat = join(directory, "config.json");
  await writeFile(compat, '{"proxies":{}}');
  expect(await galley("login", "-u", "me", "-p", "s3cret", "--compat-auth-file", compat, hub.address)).toBe(0);
  expect(JSON.parse(await readFile(compat, "utf8"))).toMatchObject({ proxies: {}, auths: { [hub.address]: {} } });
  expect(await galley("login", "--compat-auth-file", compat, "--authfile", compat, hub.address)).toBe(125);
});

test("galley login gives the login to a credential helper that the file names", async () => {
  const helper = join(directory, "docker-credential-note");
  await writeFile(
    helper,
    `#!/bin/sh\n[ "$1" = store ] && exec cat >"${directory}/noted"\necho credentials not found in native keychain; exit 1\n`,
  );
  await chmod(helper, 0o755);
  vi.stubEnv("PATH", `${directory}:${process.env["PATH"]}`);
  const file = join(directory, "auth.json");
  await writeFile(file, JSON.stringify({ credHelpers: { [hub.address]: "note" } }));
  expect(await galley("login", "-v", "-u", "me", "-p", "s3cret", "--authfile", file, hub.address)).toBe(0);
  expect(out).toBe("Used:  credential helper: note\nLogin Succeeded!\n");
  expect(JSON.parse(await readFile(join(directory, "noted"), "utf8"))).toEqual({
    ServerURL: hub.address,
    Username: "me",
    Secret: "s3cret",
  });
});

test("galley login does not replace an identity token", async () => {
  const file = join(directory, "auth.json");
  await writeFile(file, JSON.stringify({ auths: { [hub.address]: { identitytoken: "refresh" } } }));
  expect(await galley("login", "-u", "me", "-p", "s3cret", "--authfile", file, hub.address)).toBe(125);
  expect(err).toBe("Error: currently logged in, auth file contains an Identity token\n");
});

test("galley logout forgets all, and leaves Docker's own file to Docker", async () => {
  await galley("login", "-u", "me", "-p", "s3cret", hub.address);
  expect(await galley("logout", "--all")).toBe(0);
  expect([out, await auths()]).toEqual(["Removed login credentials for all registries\n", {}]);
  expect(await galley("logout", "--all", hub.address)).toBe(125);
  const docker = join(directory, ".docker/config.json");
  vi.stubEnv("DOCKER_CONFIG", join(directory, ".docker"));
  await galley("login", "-u", "me", "-p", "s3cret", hub.address);
  vi.stubEnv("DOCKER_CONFIG", undefined);
  expect(await galley("logout", hub.address)).toBe(0);
  expect(out).toMatch(/^Not logged into \S+ with current tool\. .*docker logout/);
  expect(Object.keys(await auths(docker))).toEqual([hub.address]);
  expect(await galley("logout", "--authfile", join(directory, "none.json"), hub.address)).toBe(125);
  expect(err).toMatch(/^Error: credential file is not accessible/);
});

test("galley login says which user is logged in to Docker's registry without naming it", async () => {
  vi.stubEnv("CONTAINERS_REGISTRIES_CONF", "/dev/null");
  const file = join(directory, "auth.json");
  await writeFile(file, JSON.stringify({ auths: { "docker.io": { auth: Buffer.from("you:x").toString("base64") } } }));
  expect(await galley("login", "--get-login", "--authfile", file)).toBe(0);
  expect(out).toBe("you\n");
  expect(await galley("login", "--get-login", "--authfile", file, "quay.io")).toBe(125);
  expect(err).toBe("Error: not logged into quay.io\n");
  expect(await galley("login", "--get-login", "a b")).toBe(125);
});
