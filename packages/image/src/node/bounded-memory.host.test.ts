import type { Descriptor, Fetcher } from "@galley/spec";
import { expect, test } from "vitest";
import { writeDockerArchive } from "../archive/write-docker-archive.ts";
import { writeOciArchive } from "../archive/write-oci-archive.ts";
import { verified } from "../content/verified.ts";
import { convertImage } from "../convert/convert-image.ts";
import { copyImage } from "../copy/copy-image.ts";
import { createImage } from "../make/create-image.ts";
import { mutateImage } from "../mutate/mutate-image.ts";
import { tarEnd, tarEntry } from "../tar/tar-writer.ts";
import { fileSpool, openArchiveStream } from "./index.ts";

const sizeBytes = 400 * 1024 * 1024;
const mostBytes = 160 * 1024 * 1024;
const platform = { os: "linux", architecture: "amd64" };

/** A layer with one large file, hard to compress, from nowhere. */
async function* largeLayer(): AsyncIterable<Uint8Array> {
  const piece = new Uint8Array(1024 * 1024).map((_, index) => (index * 2_654_435_761) >>> 13);
  yield* tarEntry({ path: "large", type: "file", sizeBytes });
  for (let at = 0; at < sizeBytes; at += piece.length) yield piece;
  yield tarEnd;
}

/** The most that the process grew by while something ran. */
async function growth(work: () => Promise<unknown>): Promise<number> {
  const before = process.memoryUsage().rss;
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss);
  }, 20);
  await work().finally(() => clearInterval(timer));
  return most - before;
}

const nowhere = {
  push: async (descriptor: Descriptor, content: AsyncIterable<Uint8Array>) => {
    for await (const _ of verified(descriptor, content));
  },
};

async function largeImage(): Promise<{ root: Descriptor; from: Fetcher }> {
  const base = await createImage({ layers: [], platform });
  const made = await mutateImage(base.descriptor, base.content, {
    choose: platform,
    appendLayers: [{ tar: largeLayer, compression: "none" }],
  });
  return { root: made.descriptor, from: made.content };
}

test("archives of any size pass through little memory, both ways", { timeout: 120_000 }, async () => {
  const image = await largeImage();
  for (const write of [writeOciArchive, writeDockerArchive]) {
    const grown = await growth(async () => {
      await using archive = await openArchiveStream(write([image], { platform }));
      await copyImage(archive.images[0]?.root ?? image.root, archive, nowhere);
    });
    expect(grown).toBeLessThan(mostBytes);
  }
});

test("a layer is compressed anew in little memory, with and without a spool", { timeout: 120_000 }, async () => {
  const { root, from } = await largeImage();
  await using files = fileSpool();
  for (const spool of [undefined, files.spool]) {
    const grown = await growth(async () => {
      const made = await convertImage(root, from, { platform, compression: "zstd", level: 1, spool });
      await copyImage(made.root, made.content, nowhere, { platform });
    });
    expect(grown).toBeLessThan(mostBytes);
  }
});

test("a stream that is appended as a layer goes to the spool, not into memory", { timeout: 120_000 }, async () => {
  await using files = fileSpool();
  const base = await createImage({ layers: [], platform });
  const grown = await growth(async () => {
    const layer = { tar: largeLayer(), compression: "none" as const };
    const made = await mutateImage(base.descriptor, base.content, {
      choose: platform,
      appendLayers: [layer],
      spool: files.spool,
    });
    await copyImage(made.descriptor, made.content, nowhere);
  });
  expect(grown).toBeLessThan(mostBytes);
});
