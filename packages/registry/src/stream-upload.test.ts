import { randomBytes } from "node:crypto";
import { createMemoryStore, serveRegistry } from "@galley/registry-server";
import { digestOf } from "@galley/spec";
import { expect, onTestFinished, test } from "vitest";
import { openRepository, type Repository } from "./repository.ts";

const bytes = randomBytes(3_000_000);
const blob = { mediaType: "application/octet-stream", digest: digestOf(bytes), size: bytes.length };

async function* content(): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 100_000) yield bytes.subarray(at, at + 100_000);
}

async function repository(): Promise<Repository> {
  const server = await serveRegistry({ store: createMemoryStore() });
  const opened = openRepository(`${server.address}/app`);
  onTestFinished(async () => {
    await opened[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
  return opened;
}

test("stream() sends what becomes a blob when its digest is told", async () => {
  const remote = await repository();
  const upload = await remote.stream(content());
  expect(await remote.exists(blob)).toBe(false);
  await upload.commit(blob);
  const chunks: Uint8Array[] = [];
  for await (const chunk of await remote.fetch(blob)) chunks.push(chunk);
  expect(Buffer.compare(Buffer.concat(chunks), bytes)).toBe(0);
});

test("stream() makes no blob of another digest, nor of what was given up", async () => {
  const remote = await repository();
  const other = { ...blob, digest: digestOf(Buffer.from("other")) };
  await expect((await remote.stream(content())).commit(other)).rejects.toMatchObject({
    code: "registry.digest-mismatch",
  });
  const upload = await remote.stream(content());
  await upload.cancel();
  await expect(upload.commit(blob)).rejects.toThrow();
  expect(await remote.exists(blob)).toBe(false);
});

test("stream() passes on the error of its content", async () => {
  const remote = await repository();
  const broken = async function* () {
    yield bytes.subarray(0, 500_000);
    throw new RangeError("cannot be read");
  };
  await expect(remote.stream(broken())).rejects.toThrow("cannot be read");
});
