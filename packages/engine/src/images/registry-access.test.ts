import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryStore, serveRegistry } from "@galley/registry-server";
import { parseReference } from "@galley/spec";
import { expect, onTestFinished, test } from "vitest";
import { openRemote, type RegistryAccess } from "./registry-access.ts";

async function file(name: string, text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "galley-access-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, name), text);
  return join(folder, name);
}

/** A registry that lets nobody in, and what it was shown. */
async function closedRegistry() {
  const shown: (string | undefined)[] = [];
  const server = await serveRegistry({
    store: createMemoryStore(),
    intercept: (request, response) => {
      if (request.url !== "/v2/") shown.push(request.headers.authorization);
      response.writeHead(401, { "www-authenticate": 'Basic realm="closed"' }).end();
      return true;
    },
  });
  onTestFinished(() => server[Symbol.asyncDispose]());
  return { address: server.address, shown };
}

async function twoRegistries() {
  const [location, mirror] = [await closedRegistry(), await closedRegistry()];
  const conf = `[[registry]]\nprefix = "logical.example"\nlocation = "${location.address}"\n[[registry.mirror]]\nlocation = "${mirror.address}"\n`;
  return { location, mirror, registriesConfPath: await file("registries.conf", conf) };
}

const basic = (text: string): string => `Basic ${Buffer.from(text).toString("base64")}`;

async function ask(access: RegistryAccess): Promise<void> {
  await using repository = await openRemote(parseReference("logical.example/app:1"), access);
  await expect(repository.resolve("1")).rejects.toMatchObject({ kind: "unauthorized" });
}

test("openRemote() shows given credentials to the registry and never to its mirrors", async () => {
  const { location, mirror, registriesConfPath } = await twoRegistries();
  await ask({ registriesConfPath, credentials: { username: "me", password: "secret" } });
  expect(mirror.shown.filter(Boolean)).toEqual([]);
  expect(location.shown).toContain(basic("me:secret"));
});

test("openRemote() looks credentials of files up for the place that it speaks to", async () => {
  const { location, mirror, registriesConfPath } = await twoRegistries();
  const auth = (text: string) => ({ auth: Buffer.from(text).toString("base64") });
  const auths = {
    [mirror.address]: auth("mirror:m"),
    [location.address]: auth("location:l"),
    "logical.example": auth("logical:x"),
  };
  await ask({ registriesConfPath, authFilePath: await file("auth.json", JSON.stringify({ auths })) });
  expect(new Set(mirror.shown.filter(Boolean))).toEqual(new Set([basic("mirror:m")]));
  expect(new Set(location.shown.filter(Boolean))).toEqual(new Set([basic("location:l")]));
});

test("openRemote() takes certificates of a given directory, and says when it is not there", async () => {
  const { registriesConfPath } = await twoRegistries();
  const opening = openRemote(parseReference("logical.example/app"), {
    registriesConfPath,
    certificateDirectory: "/nowhere/certs",
  });
  await expect(opening).rejects.toMatchObject({ kind: "invalid", code: "registry.bad-certificates" });
});

test("openRemote() tells of a configuration that cannot be read", async () => {
  const registriesConfPath = await file("registries.conf", "registry = 1");
  await expect(openRemote(parseReference("a.example/app"), { registriesConfPath })).rejects.toThrow(
    "registry must be a list of tables",
  );
});
