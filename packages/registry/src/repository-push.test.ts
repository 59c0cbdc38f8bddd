import { createMemoryStore, serveRegistry } from "@galley/registry-server";
import { digestOf } from "@galley/spec";
import { describe, expect, test } from "vitest";
import { openRepository } from "./index.ts";
import { faultyRegistry, quick, status, times } from "./testing/faulty-registry.ts";
import { collect, describe as descriptorOf, pieces, pushImage } from "./testing/image.ts";

const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, place) => place % 251));
const blob = descriptorOf(bytes);
const open = async (offsetBytes: number) => pieces(bytes.subarray(offsetBytes), 7000);
const isUpload = (request: string): boolean => /^(PATCH|PUT) /.test(request);

describe("openRepository() receive()", () => {
  test("receive() opens nothing of what is there", async () => {
    await using registry = await faultyRegistry();
    const unread = async () => {
      throw new Error("was opened");
    };
    await registry.repository.receive(registry.image.layer, unread);
    expect(registry.requests).toHaveLength(1);
  });

  test("receive() does not ask again about what exists() has just missed", async () => {
    await using registry = await faultyRegistry();
    expect(await registry.repository.exists(blob)).toBe(false);
    await registry.repository.receive(blob, open);
    expect(registry.requests.map((request) => request.split(" ")[0])).toEqual(["HEAD", "POST", "PUT"]);
    expect(await collect(await registry.repository.fetch(blob))).toEqual(bytes);
  });

  test("receive() sends in pieces when told to, and opens the content once", async () => {
    await using registry = await faultyRegistry({ client: { chunkBytes: 30_000 } });
    const offsets: number[] = [];
    await registry.repository.receive(blob, (offsetBytes) => {
      offsets.push(offsetBytes);
      return open(offsetBytes);
    });
    expect(registry.requests.filter(isUpload).map((request) => request.split(" ")[0])).toEqual([
      ...Array.from({ length: 4 }, () => "PATCH"),
      "PUT",
    ]);
    expect(offsets).toEqual([0]);
    expect(await collect(await registry.repository.fetch(blob))).toEqual(bytes);
  });

  test("receive() sends no piece that is smaller than the registry takes", async () => {
    await using registry = await faultyRegistry({
      client: { chunkBytes: 10_000 },
      fault: (request, response) => {
        if (request.method === "POST") response.setHeader("oci-chunk-min-length", "60000");
        return false;
      },
    });
    await registry.repository.receive(blob, open);
    expect(registry.requests.filter((request) => request.startsWith("PATCH"))).toHaveLength(2);
  });

  test("receive() pushes one byte, and none, in pieces", async () => {
    await using registry = await faultyRegistry({ client: { chunkBytes: 30_000 } });
    for (const text of ["", "x"]) {
      await registry.repository.receive(descriptorOf(text), async () => pieces(text));
      expect(await registry.repository.exists(descriptorOf(text))).toBe(true);
    }
  });

  test("receive() goes on where the registry says that it is", async () => {
    const offsets: number[] = [];
    await using registry = await faultyRegistry({
      client: { chunkBytes: 40_000 },
      fault: times(1, /^PATCH/, (request, response) => {
        // Takes the piece, and breaks before it can say so.
        response.writeHead = (() => request.socket.destroy() && response) as unknown as typeof response.writeHead;
        return false;
      }),
    });
    await registry.repository.receive(blob, (offsetBytes) => {
      offsets.push(offsetBytes);
      return open(offsetBytes);
    });
    expect(offsets).toEqual([0]);
    expect(await collect(await registry.repository.fetch(blob))).toEqual(bytes);
  });

  test("receive() refuses content that is not what its descriptor says, and does not try it twice", async () => {
    for (const chunkBytes of [undefined, 40_000]) {
      await using registry = await faultyRegistry({ client: chunkBytes === undefined ? {} : { chunkBytes } });
      for (const wrong of [bytes.subarray(1), Buffer.concat([bytes, bytes]), Buffer.alloc(bytes.length)]) {
        let opened = 0;
        const pushed = registry.repository.receive(blob, async (offsetBytes) => {
          opened++;
          return pieces(wrong.subarray(offsetBytes));
        });
        await expect(pushed).rejects.toMatchObject({ kind: "corrupt", code: "registry.digest-mismatch" });
        expect(opened).toBe(1);
      }
      expect(await registry.repository.exists(blob)).toBe(false);
    }
  });

  test("receive() does not try content again that cannot be read", async () => {
    await using registry = await faultyRegistry();
    let opened = 0;
    const failing = async () => {
      opened++;
      throw new Error("disk on fire");
    };
    await expect(registry.repository.receive(blob, failing)).rejects.toThrow(/disk on fire/);
    expect(opened).toBe(1);
  });

  test("receive() is cancelled while it sends", async () => {
    await using registry = await faultyRegistry();
    const abort = new AbortController();
    const endless = async function* (): AsyncIterable<Uint8Array> {
      yield bytes.subarray(0, 1000);
      abort.abort();
      await new Promise((resolve) => setTimeout(resolve, 50));
      yield bytes.subarray(1000);
    };
    const pushed = registry.repository.receive(blob, async () => endless(), { signal: abort.signal });
    await expect(pushed).rejects.toMatchObject({ kind: "cancelled" });
  });

  test("receive() pushes manifests too", async () => {
    await using registry = await faultyRegistry();
    const { manifest, text } = registry.image;
    await registry.repository.receive(manifest, async () => pieces(text));
    expect(registry.requests).toEqual([`PUT /v2/team/app/manifests/${manifest.digest}`]);
  });

  test("receive() sends as many blobs at once as it may", async () => {
    let open = 0;
    let most = 0;
    await using registry = await faultyRegistry({
      client: { maxTransfers: 2 },
      fault: async (request, response) => {
        if (request.method !== "PUT") return false;
        most = Math.max(most, ++open);
        response.once("close", () => open--);
        await new Promise((resolve) => setTimeout(resolve, 20));
        return false;
      },
    });
    const all = Array.from({ length: 12 }, (_, place) => Buffer.alloc(50_000, place));
    await Promise.all(all.map((each) => registry.repository.receive(descriptorOf(each), async () => pieces(each))));
    expect(most).toBe(2);
    for (const each of all) expect(await registry.repository.exists(descriptorOf(each))).toBe(true);
  });
});

describe("openRepository() mountFrom", () => {
  test("mountFrom takes a blob from the first repository that has it, without sending it", async () => {
    await using server = await serveRegistry({ store: createMemoryStore() });
    await using from = openRepository(`${server.address}/from`, quick);
    const { layer } = await pushImage(from, bytes);
    const asked: string[] = [];
    await using to = openRepository(`${server.address}/to`, {
      ...quick,
      mountFrom: ({ digest }) => {
        asked.push(digest);
        return ["to", "nowhere", "from"];
      },
    });
    await to.receive(layer, async () => {
      throw new Error("was opened");
    });
    expect(asked).toEqual([layer.digest]);
    expect(await collect(await to.fetch(layer))).toEqual(bytes);
  });

  test("mountFrom sends the blob in the upload that was begun instead", async () => {
    await using registry = await faultyRegistry({ client: { mountFrom: () => ["a", "b"] } });
    await registry.repository.receive(blob, open);
    expect(registry.requests.map((request) => request.split(/[ ?]/, 1)[0])).toEqual([
      "HEAD",
      "POST",
      "DELETE",
      "POST",
      "PUT",
    ]);
    expect(await registry.repository.exists(blob)).toBe(true);
  });

  test.each([401, 403, 404, 405])("mountFrom is given up at status %i", async (code) => {
    await using registry = await faultyRegistry({
      client: { mountFrom: () => ["a"] },
      fault: times(1, /mount=/, status(code)),
    });
    await registry.repository.receive(blob, open);
    expect(await registry.repository.exists(blob)).toBe(true);
  });
});

describe("openRepository() foreign layers", () => {
  test("fetch() takes a blob that the registry does not have from where its descriptor says, without credentials", async () => {
    const seen: (string | undefined)[] = [];
    await using elsewhere = await serveRegistry({
      store: createMemoryStore(),
      intercept: (request, response) => {
        seen.push(request.headers.authorization);
        response.writeHead(200, { "content-length": bytes.length }).end(bytes);
        return true;
      },
    });
    await using registry = await faultyRegistry({
      client: { credentials: async () => ({ username: "me", password: "secret" }) },
      authorize: ({ headers }) => (headers.authorization ? "allow" : { challenge: 'Basic realm="x"' }),
      fault: (request, response) => {
        if (request.url !== "/layer") return false;
        seen.push(request.headers.authorization);
        return status(403)(request, response);
      },
    });
    const urls = ["http://192.0.2.1:notaport/", `${elsewhere.url}/layer`];
    expect(await collect(await registry.repository.fetch({ ...blob, urls }))).toEqual(bytes);
    expect(seen).toEqual([undefined]);
    // The same host as the registry's is no reason for credentials either.
    const own = [`${registry.server.url}/layer`];
    await expect(registry.repository.fetch({ ...blob, urls: own })).rejects.toMatchObject({ kind: "forbidden" });
    expect(seen).toEqual([undefined, undefined]);
  });

  test("fetch() says what the registry says when there is nowhere else to look", async () => {
    await using registry = await faultyRegistry();
    const urls = ["file:///etc/passwd", "ftp://example.com/x"];
    const absent = registry.repository.fetch({ ...blob, digest: digestOf("absent"), urls });
    await expect(absent).rejects.toMatchObject({ kind: "not-found", code: "registry.blob-unknown" });
  });
});
