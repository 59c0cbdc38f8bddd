import { randomBytes } from "node:crypto";
import { bufferFile, type Spool } from "@galley/image";
import type { Repository, StreamedUpload } from "@galley/registry";
import { createMemoryStore, serveRegistry } from "@galley/registry-server";
import { digestOf, galleyError, parseReference } from "@galley/spec";
import { describe, expect, onTestFinished, test } from "vitest";
import { openRemote } from "../registry-access.ts";
import { uploadSpool } from "./upload-spool.ts";

const bytes = randomBytes(20_000_000);
const blob = { mediaType: "application/octet-stream", digest: digestOf(bytes), size: bytes.length };

/** Keeps in memory. */
const kept: Spool = async (content) => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return bufferFile(Buffer.concat(chunks));
};

async function* inPieces(whole: Uint8Array): AsyncIterable<Uint8Array> {
  for (let at = 0; at < whole.length; at += 300_000) yield whole.subarray(at, at + 300_000);
}

async function repository(): Promise<Repository> {
  const server = await serveRegistry({ store: createMemoryStore() });
  onTestFinished(() => server[Symbol.asyncDispose]());
  return openRemote(parseReference(`${server.address}/app`));
}

type Stream = Pick<Repository, "stream">;

describe("uploadSpool()", () => {
  test("uploadSpool() keeps a stream, and has sent it when it is kept", async () => {
    await using remote = await repository();
    await using uploads = uploadSpool(remote, kept);
    const file = await uploads.spool(inPieces(bytes));
    expect(file.sizeBytes).toBe(bytes.length);
    expect(await remote.exists(blob)).toBe(false);
    expect(await uploads.commit(blob)).toBe(true);
    expect(await remote.exists(blob)).toBe(true);
    expect(await uploads.commit(blob)).toBe(false);
  });

  test("uploadSpool() gives up what nobody commits, and begins nothing for little", async () => {
    const canceled: string[] = [];
    const upload: StreamedUpload = { commit: async () => {}, cancel: async () => void canceled.push("once") };
    let begun = 0;
    const remote: Stream = {
      stream: async (content) => {
        begun++;
        for await (const _ of content);
        return upload;
      },
    };
    {
      await using uploads = uploadSpool(remote, kept);
      await uploads.spool(inPieces(bytes.subarray(0, 1000)));
      expect(begun).toBe(0);
      await uploads.spool(inPieces(bytes));
    }
    expect([begun, canceled]).toEqual([1, ["once"]]);
  });

  test.each([
    ["at once", 0],
    ["half-way", 10_000_000],
  ])("uploadSpool() keeps all when the registry breaks off %s", async (_, after) => {
    const remote: Stream = {
      stream: async (content) => {
        let taken = 0;
        for await (const chunk of content) {
          taken += chunk.length;
          if (taken > after) break;
        }
        throw galleyError("unavailable", "registry.test", "broken off");
      },
    };
    await using uploads = uploadSpool(remote, kept);
    expect((await uploads.spool(inPieces(bytes))).sizeBytes).toBe(bytes.length);
    expect(await uploads.commit(blob)).toBe(false);
  });

  test("uploadSpool() says false when the registry does not commit", async () => {
    const remote: Stream = {
      stream: async (content) => {
        for await (const _ of content);
        return {
          commit: () => Promise.reject(galleyError("not-found", "registry.upload-unknown", "forgotten")),
          cancel: async () => {},
        };
      },
    };
    await using uploads = uploadSpool(remote, kept);
    await uploads.spool(inPieces(bytes));
    expect(await uploads.commit(blob)).toBe(false);
  });

  test("uploadSpool() stops when the registry lets nobody in, and when its source fails", async () => {
    const closed: Stream = {
      stream: () => Promise.reject(galleyError("unauthorized", "registry.unauthorized", "log in first")),
    };
    await using uploads = uploadSpool(closed, kept);
    await expect(uploads.spool(inPieces(bytes))).rejects.toThrow("log in first");
    await using remote = await repository();
    await using others = uploadSpool(remote, kept);
    const broken = async function* () {
      yield* inPieces(bytes);
      throw new RangeError("cannot be read");
    };
    await expect(others.spool(broken())).rejects.toThrow("cannot be read");
  });
});
