import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { scratchEngine } from "../testing/scratch-engine.ts";
import { scratchFolder } from "../testing/scratch-folder.ts";
import { importImage } from "./import-image.ts";

describe("importImage()", () => {
  test.each([
    ["an xz archive", Buffer.from("fd377a585a000004", "hex"), "engine.compression"],
    ["a bzip2 archive", Buffer.from("425a683931415926", "hex"), "engine.compression"],
    ["half a gzip archive", Buffer.from("1f8b080000000000", "hex"), "image.truncated"],
  ])("importImage() refuses %s", async (_, bytes, code) => {
    const [engine, folder] = [await scratchEngine(), await scratchFolder()];
    const path = join(folder, "tree.tar");
    await writeFile(path, bytes);
    await expect(importImage(engine, path)).rejects.toMatchObject({ code, message: expect.stringContaining(path) });
  });

  test("importImage() refuses names and changes before it reads anything", async () => {
    const engine = await scratchEngine();
    const unread = (async function* () {
      yield Buffer.alloc(0);
      throw new Error("was read");
    })();
    await expect(importImage(engine, unread, { name: "NOT A NAME" })).rejects.toMatchObject({ kind: "invalid" });
    await expect(importImage(engine, unread, { changes: ["FOO bar"] })).rejects.toMatchObject({ code: "image.change" });
  });

  test("importImage() tells of paths and addresses that give nothing", async () => {
    const [engine, folder] = [await scratchEngine(), await scratchFolder()];
    await expect(importImage(engine, join(folder, "nosuch"))).rejects.toMatchObject({ kind: "not-found" });
    await mkdir(join(folder, "directory"));
    await expect(importImage(engine, join(folder, "directory"))).rejects.toMatchObject({ kind: "invalid" });
    const server = createServer((_, response) => response.writeHead(404).end("no such thing")).listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once("listening", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/tree.tar`;
    await expect(importImage(engine, url)).rejects.toMatchObject({ kind: "not-found", code: "engine.download" });
    await expect(importImage(engine, "http://127.0.0.1:1/tree.tar")).rejects.toMatchObject({ kind: "unavailable" });
  });
});
