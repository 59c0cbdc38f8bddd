import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createImage, createLayer } from "@galley/image";
import { createMemoryStore, serveRegistry } from "@galley/registry-server";
import { formatReference, parseReference } from "@galley/spec";
import { expect, onTestFinished, test } from "vitest";
import { makeImage, putImage } from "../testing/make-image.ts";
import { scratchEngine } from "../testing/scratch-engine.ts";
import { storeMadeImage } from "../testing/store-made-image.ts";
import { imageExists } from "./find-image.ts";
import { type PullAttempt, pullImage } from "./pull-image.ts";
import { pushImage } from "./push-image.ts";
import { resolveName } from "./resolve-name.ts";

async function folderWith(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "galley-pull-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

async function registry(): Promise<string> {
  const server = await serveRegistry({ store: createMemoryStore() });
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server.address;
}

async function confPath(text: string): Promise<string> {
  return join(await folderWith({ "registries.conf": text }), "registries.conf");
}

const retry = { attempts: 1 };

test("pullImage() tries what a short name may mean in order, and tells what all said", async () => {
  const [engine, address] = [await scratchEngine(), await registry()];
  const registriesConfPath = await confPath(`unqualified-search-registries = ["127.0.0.1:1", "${address}"]`);
  const attempts: PullAttempt[] = [];
  const pulling = pullImage(engine, "team/app", {
    registriesConfPath,
    retry,
    onAttempt: (each) => attempts.push(each),
  });
  await expect(pulling).rejects.toMatchObject({
    kind: "not-found",
    message: expect.stringMatching(
      /^2 errors occurred while pulling: initializing source docker:\/\/127\.0\.0\.1:1\/team\/app:latest: .*; initializing source /,
    ),
  });
  expect(attempts.map(({ reference, by, path }) => [formatReference(reference), by, path])).toEqual([
    ["127.0.0.1:1/team/app:latest", "search", registriesConfPath],
    [`${address}/team/app:latest`, "search", registriesConfPath],
  ]);
});

test("pullImage() follows an alias, also to what is here already", async () => {
  const [engine, address] = [await scratchEngine(), await registry()];
  const registriesConfPath = await confPath(`[aliases]\napp = "${address}/team/renamed"`);
  const attempts: PullAttempt[] = [];
  const options = { registriesConfPath, retry, onAttempt: (each: PullAttempt) => void attempts.push(each) };
  await expect(pullImage(engine, "app:2", options)).rejects.toThrow(
    `initializing source docker://${address}/team/renamed:2`,
  );
  expect(attempts).toMatchObject([{ by: "alias", path: registriesConfPath }]);
  const image = putImage(engine, makeImage("one"), [`${address}/team/renamed:2`]);
  expect((await pullImage(engine, "app:2", { ...options, policy: "missing" })).id).toBe(image.id);
  expect(attempts).toHaveLength(1);
});

test("pullImage() asks no registry that is blocked", async () => {
  const registriesConfPath = await confPath(`[[registry]]\nlocation = "127.0.0.1:1"\nblocked = true`);
  const pulling = pullImage(await scratchEngine(), "127.0.0.1:1/app", { registriesConfPath });
  await expect(pulling).rejects.toMatchObject({
    kind: "forbidden",
    message: `initializing source docker://127.0.0.1:1/app:latest: registry 127.0.0.1:1 is blocked in ${registriesConfPath}`,
  });
});

test("pullImage() makes nothing visible of an image that the policy rejects", async () => {
  const [engine, address] = [await scratchEngine(), await registry()];
  const layers = [{ tar: createLayer([{ path: "a", type: "file", content: "a" }]) }];
  await storeMadeImage(engine, await createImage({ layers, config: {} }), ["localhost/made:latest"]);
  await pushImage(engine, "made", { destination: `${address}/app:1` });
  const folder = await folderWith({ "policy.json": '{ "default": [{ "type": "reject" }] }' });
  const signaturePolicyPath = join(folder, "policy.json");
  await expect(pullImage(engine, `${address}/app:1`, { signaturePolicyPath })).rejects.toMatchObject({
    kind: "forbidden",
    code: "trust.rejected",
    message: `Source image rejected: Running image docker://${address}/app:1 is rejected by policy`,
  });
  expect(imageExists(engine, `${address}/app:1`)).toBe(false);
});

test("resolveName() lets somebody choose where the configuration has several answers", async () => {
  const registriesConfPath = await confPath(
    'unqualified-search-registries = ["a.example", "b.example"]\nshort-name-mode = "enforcing"',
  );
  const names = async (...args: Parameters<typeof resolveName>) =>
    (await resolveName(...args)).references.map(formatReference);
  const chooseReference = async ([, second = parseReference("x")]: readonly ReturnType<typeof parseReference>[]) =>
    second;
  expect(await names("app:1", { registriesConfPath, chooseReference })).toEqual(["b.example/app:1"]);
  await expect(names("app:1", { registriesConfPath })).rejects.toThrow("cannot prompt without a TTY");
  expect(await names("localhost/app:1", { registriesConfPath: "/nowhere" })).toEqual(["localhost/app:1"]);
});
