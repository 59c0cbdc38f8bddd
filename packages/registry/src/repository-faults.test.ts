import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { digestOf, mediaTypes } from "@galley/spec";
import { describe, expect, test } from "vitest";
import { openRepository } from "./index.ts";
import { type Fault, faultyRegistry, quick, status, times } from "./testing/faulty-registry.ts";
import { collect, pieces } from "./testing/image.ts";
import { verified } from "./verified.ts";

const blobs = /^GET .*\/blobs\//;
const manifests = /\/manifests\//;

/** Sends the right headers, some bytes of the body, and cuts. */
const cutAfter =
  (count: number): Fault =>
  (request, response) => {
    const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const size = layer.length;
    const range = { "content-range": `bytes ${start}-${size - 1}/${size}` };
    response.writeHead(start ? 206 : 200, { "content-length": size - start, ...(start && range) });
    response.write(layer.subarray(start, start + count), () => response.destroy());
    return true;
  };
let layer: Buffer = Buffer.alloc(0);

describe("openRepository() transfers", () => {
  test("fetch() resumes by a range where a connection was cut", async () => {
    await using registry = await faultyRegistry({ fault: times(2, blobs, cutAfter(70_000)) });
    layer = registry.layerBytes;
    const content = await collect(
      verified(registry.image.layer, await registry.repository.fetch(registry.image.layer)),
    );
    expect(content).toEqual(registry.layerBytes);
    expect(registry.requests.length).toBe(3);
  });

  test("fetch() skips what it has when a registry ignores the range", async () => {
    await using registry = await faultyRegistry({
      fault: (request, response) => {
        if (request.headers.range === undefined) return cutAfter(70_000)(request, response);
        delete request.headers.range;
        return false;
      },
    });
    layer = registry.layerBytes;
    const content = await collect(
      verified(registry.image.layer, await registry.repository.fetch(registry.image.layer)),
    );
    expect(content).toEqual(registry.layerBytes);
  });

  test("fetch() refuses a range from another place", async () => {
    await using registry = await faultyRegistry({
      fault: times(1, blobs, status(206, { "content-range": "bytes 5-299999/300000" }, "x")),
    });
    const content = registry.repository.fetch(registry.image.layer, { offsetBytes: 7 }).then(collect);
    await expect(content).rejects.toMatchObject({ kind: "corrupt", code: "registry.bad-range" });
  });

  test("fetch() gives up when a registry always cuts", async () => {
    await using registry = await faultyRegistry({ fault: times(99, blobs, cutAfter(10)) });
    layer = registry.layerBytes;
    const content = registry.repository.fetch(registry.image.layer).then(collect);
    await expect(content).rejects.toMatchObject({ kind: "unavailable" });
    expect(registry.requests.length).toBe(3);
  });

  test("fetch() asks once for the rest of a body that ends early, and believes that there is none", async () => {
    await using registry = await faultyRegistry({ fault: times(99, blobs, status(200, {}, "short")) });
    const content = registry.repository.fetch(registry.image.layer).then(collect);
    await expect(content).rejects.toMatchObject({
      kind: "corrupt",
      code: "registry.size-mismatch",
      message: expect.stringMatching(/: blob sha256:[0-9a-f]{64} ends after 5 of 300000 bytes$/),
    });
    expect(registry.requests.length).toBe(2);
  });

  test("fetch() stops at once when there are more bytes than the descriptor says", async () => {
    await using registry = await faultyRegistry({
      fault: times(99, blobs, status(200, {}, "x".repeat(400_000))),
    });
    const content = registry.repository.fetch(registry.image.layer).then(collect);
    await expect(content).rejects.toMatchObject({ kind: "corrupt", code: "registry.size-mismatch" });
    expect(registry.requests.length).toBe(1);
  });

  test("verified() finds a blob of the right size and another digest", async () => {
    await using registry = await faultyRegistry({ fault: times(99, blobs, status(200, {}, "x".repeat(300_000))) });
    const content = collect(verified(registry.image.layer, await registry.repository.fetch(registry.image.layer)));
    await expect(content).rejects.toMatchObject({ kind: "corrupt", code: "registry.digest-mismatch" });
  });

  test("fetch() resumes after a stall", async () => {
    const stall: Fault = (_, response) => {
      response.writeHead(200, { "content-length": 300_000 });
      response.write(layer.subarray(0, 10));
      return true;
    };
    await using registry = await faultyRegistry({ fault: times(1, blobs, stall) });
    layer = registry.layerBytes;
    const content = await collect(await registry.repository.fetch(registry.image.layer));
    expect(content).toEqual(registry.layerBytes);
  });

  test("fetch() gives a stall's error when it always stalls", async () => {
    await using registry = await faultyRegistry({ fault: times(99, blobs, () => true) });
    await expect(registry.repository.fetch(registry.image.layer)).rejects.toMatchObject({
      kind: "unavailable",
      message: expect.stringMatching(/^registry 127.0.0.1:\d+ does not answer: no answer in time$/),
    });
  });

  test("fetch() is cancelled while it waits, while it reads and while it pauses", async () => {
    await using registry = await faultyRegistry({ fault: times(1, blobs, () => true) });
    const cancelled = { kind: "cancelled" };
    const { repository, image } = registry;
    const waiting = new AbortController();
    const answer = repository.fetch(image.layer, { signal: waiting.signal });
    await expect.poll(() => registry.requests.length).toBe(1);
    waiting.abort();
    await expect(answer).rejects.toMatchObject(cancelled);

    const reading = new AbortController();
    const content = await repository.fetch(image.layer, { signal: reading.signal, onProgress: () => reading.abort() });
    await expect(collect(content)).rejects.toMatchObject(cancelled);

    await expect(repository.resolve("v1", { signal: AbortSignal.abort() })).rejects.toMatchObject(cancelled);
  });

  test("fetch() is cancelled while it waits for another attempt", async () => {
    await using registry = await faultyRegistry({ fault: times(99, blobs, status(429, { "retry-after": "50" })) });
    const signal = AbortSignal.timeout(50);
    await expect(registry.repository.fetch(registry.image.layer, { signal })).rejects.toMatchObject({
      kind: "cancelled",
    });
  });

  test("fetch() frees the connection of a reader that leaves early", async () => {
    await using registry = await faultyRegistry({ layerSizeBytes: 8_000_000 });
    for (let round = 0; round < 20; round++) {
      for await (const _ of await registry.repository.fetch(registry.image.layer)) break;
      await (await registry.repository.fetch(registry.image.layer))[Symbol.asyncIterator]().return?.();
    }
    expect(await registry.repository.resolve("v1")).toEqual(registry.image.manifest);
  });

  test("fetch() waits for a registry that restarts in the middle", async () => {
    let served = 0;
    const port = 0;
    const bytes = Buffer.alloc(100_000, 7);
    const serve = (at: number) =>
      createServer((request, response) => {
        served++;
        const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
        response.writeHead(start ? 206 : 200, {
          "content-length": bytes.length - start,
          "content-range": `bytes ${start}-${bytes.length - 1}/${bytes.length}`,
        });
        if (start) return void response.end(bytes.subarray(start));
        response.write(bytes.subarray(0, 1000), () => {
          first.closeAllConnections();
          first.close(() => setTimeout(() => (second = serve(address.port)), 30));
        });
      }).listen(at, "127.0.0.1");
    let second: ReturnType<typeof serve> | undefined;
    const first = serve(port);
    await new Promise((resolve) => first.once("listening", resolve));
    const address = first.address() as AddressInfo;
    const retry = { attempts: 6, baseDelayMs: 20, maxDelayMs: 100 };
    await using repository = openRepository(`127.0.0.1:${address.port}/app`, { ...quick, retry });
    const descriptor = { mediaType: mediaTypes.layerTar, digest: digestOf(bytes), size: bytes.length };
    expect(await collect(verified(descriptor, await repository.fetch(descriptor)))).toEqual(bytes);
    expect(served).toBe(2);
    second?.closeAllConnections();
    second?.close();
  });
});

describe("openRepository() answers", () => {
  test.each([500, 502, 503, 504, 408])("resolve() tries again after status %i", async (code) => {
    await using registry = await faultyRegistry({ fault: times(2, manifests, status(code)) });
    expect(await registry.repository.resolve("v1")).toEqual(registry.image.manifest);
    expect(registry.requests.length).toBe(3);
  });

  test("resolve() gives up after as many attempts as it may make", async () => {
    await using registry = await faultyRegistry({ fault: times(99, manifests, status(503)) });
    await expect(registry.repository.resolve("v1")).rejects.toMatchObject({
      kind: "unavailable",
      details: { status: 503 },
    });
    expect(registry.requests.length).toBe(3);
  });

  test("resolve() waits as long as the registry asks", async () => {
    await using registry = await faultyRegistry({ fault: times(1, manifests, status(429, { "retry-after": "1" })) });
    const start = performance.now();
    await registry.repository.resolve("v1");
    expect(performance.now() - start).toBeGreaterThan(900);
  });

  test("resolve() does not wait for an hour", async () => {
    await using registry = await faultyRegistry({ fault: times(1, manifests, status(429, { "retry-after": "3600" })) });
    await expect(registry.repository.resolve("v1")).rejects.toMatchObject({
      kind: "unavailable",
      code: "registry.too-many-requests",
    });
  });

  test("resolve() asks with GET when a HEAD does not say enough, or is not allowed", async () => {
    for (const fault of [status(405), status(200), status(200, { "docker-content-digest": "sha256:x" }), status(404)]) {
      await using registry = await faultyRegistry({ fault: times(1, /^HEAD/, fault) });
      expect(await registry.repository.resolve("v1")).toEqual(registry.image.manifest);
      expect(registry.requests.map((request) => request.split(" ")[0])).toEqual(["HEAD", "GET"]);
    }
  });

  test("resolve() does not believe another digest than the one asked for", async () => {
    const lie = {
      "docker-content-digest": digestOf("lie"),
      "content-type": mediaTypes.imageManifest,
      "content-length": "9",
    };
    await using registry = await faultyRegistry({ fault: times(1, /^HEAD/, status(200, lie)) });
    expect(await registry.repository.resolve(registry.image.manifest.digest)).toEqual(registry.image.manifest);
  });

  test("fetchManifest() refuses content with another digest than asked for, or than promised", async () => {
    await using registry = await faultyRegistry({ fault: times(99, manifests, status(200, {}, "{}")) });
    const wrong = { kind: "corrupt", code: "registry.digest-mismatch" };
    await expect(registry.repository.fetchManifest(registry.image.manifest.digest)).rejects.toMatchObject(wrong);
    await expect(registry.repository.fetch(registry.image.manifest)).rejects.toMatchObject(wrong);
    const promise = { "docker-content-digest": digestOf("other") };
    await using liar = await faultyRegistry({ fault: times(99, manifests, status(200, promise, "{}")) });
    await expect(liar.repository.fetchManifest("v1")).rejects.toMatchObject(wrong);
  });

  test("fetchManifest() refuses a huge one without reading all of it", async () => {
    const huge: Fault = (_, response) => {
      response.writeHead(200, { "content-type": mediaTypes.imageManifest });
      const fill = (): void => {
        if (!response.destroyed) response.write(Buffer.alloc(64 * 1024, " "), () => setImmediate(fill));
      };
      fill();
      return true;
    };
    await using registry = await faultyRegistry({ fault: times(99, manifests, huge) });
    await expect(registry.repository.fetchManifest("v1")).rejects.toMatchObject({
      kind: "corrupt",
      code: "registry.too-large",
    });
  });

  test("fetchManifest() asks again when an answer breaks off", async () => {
    const broken: Fault = (_, response) => {
      response.writeHead(200, { "content-length": 1000 });
      response.write("{", () => response.destroy());
      return true;
    };
    await using registry = await faultyRegistry({ fault: times(1, manifests, broken) });
    expect((await registry.repository.fetchManifest("v1")).descriptor).toEqual(registry.image.manifest);
  });

  test("fetchManifest() finds the media type in the document when the registry does not know it", async () => {
    await using registry = await faultyRegistry({
      fault: (_, response) => {
        const writeHead = response.writeHead.bind(response);
        response.writeHead = ((code: number, headers: Record<string, string>) =>
          writeHead(code, { ...headers, "content-type": "text/plain; charset=utf-8" })) as typeof response.writeHead;
        return false;
      },
    });
    expect((await registry.repository.fetchManifest("v1")).descriptor).toEqual(registry.image.manifest);
    expect(await registry.repository.resolve("v1")).toEqual(registry.image.manifest);
  });

  test("openRepository() tells an unknown tag, an unknown repository and an unknown blob apart", async () => {
    await using registry = await faultyRegistry();
    await expect(registry.repository.resolve("none")).rejects.toMatchObject({
      kind: "not-found",
      code: "registry.manifest-unknown",
      message: `fetch manifest none of ${registry.server.address}/team/app: manifest unknown`,
    });
    await using other = openRepository(`${registry.server.address}/none`, quick);
    await expect(other.resolve("v1")).rejects.toMatchObject({ kind: "not-found", code: "registry.name-unknown" });
    const absent = { ...registry.image.layer, digest: digestOf("absent") };
    await expect(registry.repository.fetch(absent)).rejects.toMatchObject({
      kind: "not-found",
      code: "registry.blob-unknown",
    });
  });

  test("resolve() says in one line that nobody answers, soon", async () => {
    const start = performance.now();
    await using refused = openRepository("127.0.0.1:1/app");
    await expect(refused.resolve("v1")).rejects.toMatchObject({
      kind: "unavailable",
      message: "registry 127.0.0.1:1 does not answer: connection refused",
    });
    expect(performance.now() - start).toBeLessThan(3000);
  });

  test("tags() refuses a next page of another registry, and an endless list", async () => {
    const page = (link: string): Fault => status(200, { link }, '{"name":"x","tags":["a"]}');
    const list = /tags\/list/;
    await using away = await faultyRegistry({ fault: times(99, list, page('<https://evil.example/x>; rel="next"')) });
    await expect(collectTags(away.repository.tags())).rejects.toMatchObject({ code: "registry.bad-link" });
    await using endless = await faultyRegistry({
      fault: times(9999, list, page('</v2/team/app/tags/list>; rel="next"')),
    });
    await expect(collectTags(endless.repository.tags())).rejects.toMatchObject({ code: "registry.too-many-pages" });
  });

  test("push() may take longer than an answer may, as long as bytes move", async () => {
    await using registry = await faultyRegistry();
    const slow = async function* (): AsyncIterable<Uint8Array> {
      for (let second = 0; second < 12; second++) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        yield Buffer.from("x");
      }
    };
    const text = "x".repeat(12);
    const blob = { mediaType: mediaTypes.layerTar, digest: digestOf(text), size: 12 };
    await registry.repository.push(blob, slow());
    expect(await registry.repository.exists(blob)).toBe(true);
  });

  test("push() gives up on a registry that has taken everything and says nothing", async () => {
    await using registry = await faultyRegistry({ fault: times(1, /^PUT/, (request) => request.resume() === request) });
    const bytes = Buffer.alloc(2_000_000);
    const blob = { mediaType: mediaTypes.layerTar, digest: digestOf(bytes), size: bytes.length };
    await expect(registry.repository.push(blob, pieces(bytes))).rejects.toMatchObject({
      kind: "unavailable",
      code: "registry.unreachable",
    });
  });

  test("push() sends again what is small, and receive() whatever can be opened again", async () => {
    await using registry = await faultyRegistry({ fault: times(2, /^PUT/, (request) => request.resume() === request) });
    const small = { mediaType: mediaTypes.layerTar, digest: digestOf("x"), size: 1 };
    await registry.repository.push(small, new Blob(["x"]).stream());
    const bytes = Buffer.alloc(2_000_000);
    const large = { mediaType: mediaTypes.layerTar, digest: digestOf(bytes), size: bytes.length };
    await registry.repository.receive(large, async (offsetBytes) => pieces(bytes.subarray(offsetBytes)));
    for (const each of [small, large]) expect(await registry.repository.exists(each)).toBe(true);
  });

  test("push() gives up on a registry that stops reading", async () => {
    await using registry = await faultyRegistry({ fault: times(1, /^PUT/, () => true) });
    const bytes = Buffer.alloc(30_000_000);
    const blob = { mediaType: mediaTypes.layerTar, digest: digestOf(bytes), size: bytes.length };
    await expect(registry.repository.push(blob, pieces(bytes))).rejects.toMatchObject({
      kind: "unavailable",
      code: "registry.unreachable",
    });
  });

  test("push() refuses to upload to a place that is not safe, or nowhere", async () => {
    const uploads = /^POST/;
    for (const headers of [{ location: "http://evil.example/x" }, { location: "file:///x" }, {}] as const) {
      await using registry = await faultyRegistry({
        fault: times(1, uploads, status(202, headers)),
        client: { plainHttp: "loopback" },
      });
      const blob = { mediaType: mediaTypes.layerTar, digest: digestOf("x"), size: 1 };
      const pushed = registry.repository.push(blob, new Blob(["x"]).stream());
      await expect(pushed).rejects.toMatchObject({ code: /registry\.(bad-redirect|no-location)/ });
    }
  });
});

async function collectTags(tags: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const tag of tags) all.push(tag);
  return all;
}
