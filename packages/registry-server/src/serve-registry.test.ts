import { once } from "node:events";
import { connect } from "node:net";
import { digestOf, mediaTypes } from "@galley/spec";
import { describe, expect, test } from "vitest";
import { createMemoryStore, type RegistryServer, type ServeRegistryOptions, serveRegistry } from "./index.ts";
import { codeOf, finish, imageOf, openUpload, patch, putBlob, putManifest } from "./testing/registry-requests.ts";

type Options = Partial<Omit<ServeRegistryOptions, "store" | "readOnly">> & { readonly readOnly?: boolean };

async function serve(options: Options = {}): Promise<RegistryServer & { readonly base: string }> {
  const server = await serveRegistry({ store: createMemoryStore(), ...options });
  return { ...server, base: `${server.url}/v2/team/app` };
}

describe("serveRegistry()", () => {
  test("serveRegistry() says what it is", async () => {
    await using registry = await serve();
    const response = await fetch(`${registry.url}/v2/`);
    expect(response.status).toBe(200);
    expect(response.headers.get("docker-distribution-api-version")).toBe("registry/2.0");
    expect(registry.url).toBe(`http://${registry.address}`);
  });

  test("serveRegistry() refuses paths and methods it does not know", async () => {
    await using registry = await serve();
    expect((await fetch(`${registry.url}/v1/x`)).status).toBe(404);
    expect((await fetch(`${registry.url}/v2/a/b`)).status).toBe(404);
    const wrong = await fetch(`${registry.base}/tags/list`, { method: "POST" });
    expect([wrong.status, wrong.headers.get("allow"), await codeOf(wrong)]).toEqual([405, "GET", "UNSUPPORTED"]);
  });

  test.each(["Team/app", "a..b", "%2e%2e", "a%00b", "-a"])(
    "serveRegistry() refuses the repository name %s",
    async (name) => {
      await using registry = await serve();
      const response = await fetch(`${registry.url}/v2/${name}/tags/list`);
      expect([400, 404]).toContain(response.status);
      expect(await codeOf(response)).toMatch(/NAME_/);
    },
  );

  test("serveRegistry() refuses a repository name that is too long", async () => {
    await using registry = await serve();
    expect(await codeOf(await fetch(`${registry.url}/v2/${"x".repeat(300)}/tags/list`))).toBe("NAME_INVALID");
  });

  test("serveRegistry() answers a malformed escape with a refusal", async () => {
    await using registry = await serve();
    const socket = connect(Number(registry.address.split(":")[1]), "127.0.0.1");
    socket.end("GET /v2/%zz/tags/list HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    const [answer] = (await once(socket, "data")) as [Buffer];
    expect(String(answer)).toMatch(/^HTTP\/1.1 400 /);
  });

  test("serveRegistry() can be disposed of twice, with an upload open", async () => {
    const registry = await serve();
    await openUpload(registry.base);
    await registry[Symbol.asyncDispose]();
    await registry[Symbol.asyncDispose]();
    await expect(fetch(registry.url)).rejects.toThrow();
  });

  test("serveRegistry() says which port is taken", async () => {
    await using registry = await serve();
    const port = Number(registry.address.split(":")[1]);
    await expect(serve({ port })).rejects.toThrow(/listen on 127.0.0.1 port \d+: .*EADDRINUSE/);
  });

  test("serveRegistry() hides what went wrong inside", async () => {
    const store = createMemoryStore();
    store.blobs.get = () => Promise.reject(new Error("secret"));
    await using registry = await serveRegistry({ store });
    const response = await fetch(`${registry.url}/v2/a/blobs/${digestOf("x")}`);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("secret");
  });

  test("serveRegistry() cuts the connection when a store fails half-way", async () => {
    const store = createMemoryStore();
    store.blobs.get = async () => ({
      sizeBytes: 1e6,
      async *read() {
        yield Buffer.alloc(10);
        throw new Error("disk");
      },
    });
    await using registry = await serveRegistry({ store });
    const read = async (): Promise<ArrayBuffer> =>
      (await fetch(`${registry.url}/v2/a/blobs/${digestOf("x")}`)).arrayBuffer();
    await expect(read()).rejects.toThrow();
  });
});

describe("serveRegistry() blobs", () => {
  test("serveRegistry() gives back a blob sent in one request", async () => {
    await using registry = await serve();
    const digest = digestOf("hello");
    const made = await putBlob(registry.base, "hello");
    expect([made.status, made.headers.get("docker-content-digest")]).toEqual([201, digest]);
    const response = await fetch(new URL(made.headers.get("location") ?? "", made.url));
    expect([await response.text(), response.headers.get("docker-content-digest")]).toEqual(["hello", digest]);
    const head = await fetch(`${registry.base}/blobs/${digest}`, { method: "HEAD" });
    expect([head.status, head.headers.get("content-length")]).toEqual([200, "5"]);
  });

  test("serveRegistry() keeps an empty blob and one with a sha512 digest", async () => {
    await using registry = await serve();
    expect((await putBlob(registry.base, "")).status).toBe(201);
    expect(await (await fetch(`${registry.base}/blobs/${digestOf("")}`)).text()).toBe("");
    const long = digestOf("hello", "sha512");
    expect((await putBlob(registry.base, "hello", long)).status).toBe(201);
    expect(await (await fetch(`${registry.base}/blobs/${long}`)).text()).toBe("hello");
  });

  test("serveRegistry() does not show a blob of one repository in another", async () => {
    await using registry = await serve();
    await putBlob(registry.base, "hello");
    const response = await fetch(`${registry.url}/v2/other/blobs/${digestOf("hello")}`);
    expect([response.status, await codeOf(response)]).toEqual([404, "BLOB_UNKNOWN"]);
  });

  test("serveRegistry() gives ranges", async () => {
    await using registry = await serve();
    await putBlob(registry.base, "0123456789");
    const url = `${registry.base}/blobs/${digestOf("0123456789")}`;
    const part = await fetch(url, { headers: { range: "bytes=4-" } });
    expect([part.status, part.headers.get("content-range"), await part.text()]).toEqual([
      206,
      "bytes 4-9/10",
      "456789",
    ]);
    const none = await fetch(url, { headers: { range: "bytes=10-" } });
    expect([none.status, none.headers.get("content-range")]).toEqual([416, "bytes */10"]);
  });

  test("serveRegistry() deletes a blob once", async () => {
    await using registry = await serve();
    await putBlob(registry.base, "x");
    const url = `${registry.base}/blobs/${digestOf("x")}`;
    expect((await fetch(url, { method: "DELETE" })).status).toBe(202);
    expect((await fetch(url, { method: "DELETE" })).status).toBe(404);
    expect((await fetch(url)).status).toBe(404);
  });

  test("serveRegistry() refuses a blob whose digest is another's, and keeps nothing", async () => {
    await using registry = await serve();
    const response = await putBlob(registry.base, "hello", digestOf("other"));
    expect([response.status, await codeOf(response)]).toEqual([400, "DIGEST_INVALID"]);
    expect((await fetch(`${registry.base}/blobs/${digestOf("other")}`)).status).toBe(404);
    expect((await fetch(`${registry.base}/blobs/${digestOf("hello")}`)).status).toBe(404);
  });

  test("serveRegistry() refuses a malformed digest", async () => {
    await using registry = await serve();
    for (const digest of ["sha256:abc", "md5:d41d8cd98f00b204e9800998ecf8427e", "x"]) {
      expect(await codeOf(await fetch(`${registry.base}/blobs/${digest}`))).toBe("DIGEST_INVALID");
      expect(await codeOf(await fetch(`${registry.base}/blobs/uploads/?digest=${digest}`, { method: "POST" }))).toBe(
        "DIGEST_INVALID",
      );
    }
  });

  test("serveRegistry() refuses a blob that is larger than allowed", async () => {
    await using registry = await serve({ maxBlobBytes: 4 });
    expect((await putBlob(registry.base, "1234")).status).toBe(201);
    const response = await putBlob(registry.base, "12345");
    expect([response.status, await codeOf(response)]).toEqual([413, "SIZE_INVALID"]);
  });
});

describe("serveRegistry() uploads", () => {
  test("serveRegistry() joins chunks and says how far they are", async () => {
    await using registry = await serve();
    const upload = await openUpload(registry.base);
    const first = await patch(upload, "hello ", 0);
    expect([first.status, first.headers.get("range")]).toEqual([202, "0-5"]);
    expect((await fetch(upload)).headers.get("range")).toBe("0-5");
    await patch(upload, "wor", 6);
    expect((await finish(upload, digestOf("hello world"), "ld")).status).toBe(201);
    expect(await (await fetch(`${registry.base}/blobs/${digestOf("hello world")}`)).text()).toBe("hello world");
    expect(await codeOf(await fetch(upload))).toBe("BLOB_UPLOAD_UNKNOWN");
  });

  test("serveRegistry() verifies a chunked upload with a sha512 digest", async () => {
    await using registry = await serve();
    const upload = await openUpload(registry.base);
    await patch(upload, "hello");
    expect((await finish(upload, digestOf("hello", "sha512"))).status).toBe(201);
    const other = await openUpload(registry.base);
    await patch(other, "hello");
    expect(await codeOf(await finish(other, digestOf("other", "sha512")))).toBe("DIGEST_INVALID");
  });

  test("serveRegistry() refuses a chunk out of order and says where to go on", async () => {
    await using registry = await serve();
    const upload = await openUpload(registry.base);
    await patch(upload, "hello", 0);
    const wrong = await patch(upload, "x", 7);
    expect([wrong.status, wrong.headers.get("range"), await codeOf(wrong)]).toEqual([
      416,
      "0-4",
      "BLOB_UPLOAD_INVALID",
    ]);
    const malformed = await fetch(upload, { method: "PATCH", body: "x", headers: { "content-range": "x" } });
    expect(malformed.status).toBe(416);
    const short = await fetch(upload, { method: "PATCH", body: "x", headers: { "content-range": "5-6" } });
    expect([short.status, await codeOf(short)]).toEqual([400, "SIZE_INVALID"]);
    expect((await finish(upload, digestOf("hello"))).status).toBe(201);
  });

  test("serveRegistry() refuses two requests to one upload at once", async () => {
    await using registry = await serve();
    const upload = await openUpload(registry.base);
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const slow = fetch(upload, { method: "PATCH", body: readable, duplex: "half" } as RequestInit);
    await writer.write(Buffer.from("a"));
    const statuses = async (): Promise<number> => (await patch(upload, "b")).status;
    await expect.poll(statuses).toBe(400);
    await writer.close();
    expect((await slow).status).toBe(202);
    await patch(upload, "b");
    expect((await fetch(upload)).status).toBe(204);
  });

  test("serveRegistry() keeps what arrived before a client was cut, so that it can go on", async () => {
    await using registry = await serve();
    const upload = new URL(await openUpload(registry.base));
    const socket = connect(Number(upload.port), upload.hostname);
    socket.write(`PATCH ${upload.pathname} HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhello`);
    await expect.poll(async () => (await fetch(upload)).headers.get("range")).toBe("0-4");
    socket.destroy();
    await expect.poll(async () => (await patch(upload.href, "!", 5)).status).toBe(202);
    expect((await finish(upload.href, digestOf("hello!"))).status).toBe(201);
  });

  test("serveRegistry() forgets a cancelled upload, and knows uploads by repository", async () => {
    await using registry = await serve();
    const upload = await openUpload(registry.base);
    const elsewhere = upload.replace("team/app", "other");
    expect(await codeOf(await fetch(elsewhere))).toBe("BLOB_UPLOAD_UNKNOWN");
    expect((await fetch(upload, { method: "DELETE" })).status).toBe(204);
    expect(await codeOf(await patch(upload, "x"))).toBe("BLOB_UPLOAD_UNKNOWN");
  });

  test("serveRegistry() bounds how many uploads are open", async () => {
    await using registry = await serve();
    for (let each = 0; each < 512; each++) await openUpload(registry.base);
    const response = await fetch(`${registry.base}/blobs/uploads/`, { method: "POST" });
    expect([response.status, await codeOf(response)]).toEqual([429, "TOOMANYREQUESTS"]);
  });

  test("serveRegistry() mounts a blob of another repository, or begins an upload", async () => {
    await using registry = await serve();
    await putBlob(registry.base, "hello");
    const digest = digestOf("hello");
    const mount = (from: string): Promise<Response> =>
      fetch(`${registry.url}/v2/other/blobs/uploads/?mount=${digest}&from=${from}`, { method: "POST" });
    expect((await mount("nowhere")).status).toBe(202);
    expect((await mount("team/app")).status).toBe(201);
    expect(await (await fetch(`${registry.url}/v2/other/blobs/${digest}`)).text()).toBe("hello");
  });
});

describe("serveRegistry() manifests", () => {
  test("serveRegistry() gives a manifest by tag and by digest, as it was sent", async () => {
    await using registry = await serve();
    const image = await imageOf(registry.base, "layer");
    const made = await putManifest(`${registry.base}/manifests/v1`, image.text);
    expect([made.status, made.headers.get("docker-content-digest")]).toEqual([201, image.digest]);
    for (const name of ["v1", image.digest]) {
      const response = await fetch(`${registry.base}/manifests/${name}`);
      expect(response.headers.get("content-type")).toBe(mediaTypes.imageManifest);
      expect(response.headers.get("docker-content-digest")).toBe(image.digest);
      expect(await response.text()).toBe(image.text);
      const head = await fetch(`${registry.base}/manifests/${name}`, { method: "HEAD" });
      expect(head.headers.get("content-length")).toBe(`${image.text.length}`);
    }
  });

  test("serveRegistry() tells an unknown repository from an unknown tag", async () => {
    await using registry = await serve();
    await putManifest(`${registry.base}/manifests/v1`, (await imageOf(registry.base, "x")).text);
    expect(await codeOf(await fetch(`${registry.base}/manifests/v2`))).toBe("MANIFEST_UNKNOWN");
    expect(await codeOf(await fetch(`${registry.url}/v2/none/manifests/v1`))).toBe("NAME_UNKNOWN");
    expect(await codeOf(await fetch(`${registry.base}/manifests/${digestOf("x")}`))).toBe("MANIFEST_UNKNOWN");
  });

  test("serveRegistry() takes a manifest by its sha512 digest", async () => {
    await using registry = await serve();
    const { text } = await imageOf(registry.base, "x");
    const url = `${registry.base}/manifests/${digestOf(text, "sha512")}`;
    expect((await putManifest(url, text)).status).toBe(201);
    expect(await (await fetch(url)).text()).toBe(text);
  });

  test("serveRegistry() refuses manifests that are not what they say", async () => {
    await using registry = await serve();
    const image = await imageOf(registry.base, "x");
    const put = async (text: string, type?: string, name = "v1"): Promise<string> =>
      codeOf(await putManifest(`${registry.base}/manifests/${name}`, text, type));
    expect(await put("{")).toBe("MANIFEST_INVALID");
    expect(await put(image.text, mediaTypes.dockerManifest)).toBe("MANIFEST_INVALID");
    expect(await put(image.text, mediaTypes.imageIndex)).toBe("MANIFEST_INVALID");
    expect(await put(image.text, "text/plain")).toBe("MANIFEST_INVALID");
    expect(await put(image.text, undefined, digestOf("other"))).toBe("DIGEST_INVALID");
    expect(await put(image.text, undefined, "-x")).toBe("DIGEST_INVALID");
    expect(await put(image.text.replace(digestOf("x"), digestOf("y")))).toBe("MANIFEST_BLOB_UNKNOWN");
    expect(await put(" ".repeat(4 * 1024 * 1024 + 1))).toBe("SIZE_INVALID");
    expect((await fetch(`${registry.base}/manifests/v1`)).status).toBe(404);
  });

  test("serveRegistry() takes foreign layers without their content, and sparse indexes", async () => {
    await using registry = await serve();
    const image = await imageOf(registry.base, "x");
    const layers = [
      { mediaType: mediaTypes.foreignLayerTar, digest: digestOf("away"), size: 4, urls: ["https://away"] },
    ];
    const { schemaVersion, mediaType, config } = image;
    expect(
      (await putManifest(`${registry.base}/manifests/f`, { schemaVersion, mediaType, config, layers })).status,
    ).toBe(201);
    const manifests = [{ mediaType: mediaTypes.imageManifest, digest: digestOf("absent"), size: 6 }];
    const index = { schemaVersion: 2, mediaType: mediaTypes.imageIndex, manifests };
    expect((await putManifest(`${registry.base}/manifests/i`, index, mediaTypes.imageIndex)).status).toBe(201);
  });

  test("serveRegistry() deletes a tag alone, and a manifest with all its tags", async () => {
    await using registry = await serve();
    const { text, digest } = await imageOf(registry.base, "x");
    for (const tag of ["a", "b", "c"]) await putManifest(`${registry.base}/manifests/${tag}`, text);
    const remove = async (name: string): Promise<number> =>
      (await fetch(`${registry.base}/manifests/${name}`, { method: "DELETE" })).status;
    expect(await remove("a")).toBe(202);
    expect((await fetch(`${registry.base}/manifests/${digest}`)).status).toBe(200);
    expect(await remove(digest)).toBe(202);
    expect(await (await fetch(`${registry.base}/tags/list`)).json()).toEqual({ name: "team/app", tags: [] });
    expect([await remove("b"), await remove(digest)]).toEqual([404, 404]);
  });
});

describe("serveRegistry() lists", () => {
  test("serveRegistry() gives tags in order and in pages", async () => {
    await using registry = await serve();
    const { text } = await imageOf(registry.base, "x");
    for (const tag of ["c", "a", "B", "d"]) await putManifest(`${registry.base}/manifests/${tag}`, text);
    const seen: string[][] = [];
    let next: string | undefined = `${registry.base}/tags/list?n=3`;
    while (next) {
      const page: Response = await fetch(next);
      seen.push(((await page.json()) as { tags: string[] }).tags);
      const link = /^<(.+)>; rel="next"$/.exec(page.headers.get("link") ?? "")?.[1];
      next = link && new URL(link, page.url).href;
    }
    expect(seen).toEqual([["B", "a", "c"], ["d"]]);
    expect(await (await fetch(`${registry.base}/tags/list?n=0`)).json()).toEqual({ name: "team/app", tags: [] });
    expect((await fetch(`${registry.base}/tags/list?n=x`)).status).toBe(400);
    expect(await codeOf(await fetch(`${registry.url}/v2/none/tags/list`))).toBe("NAME_UNKNOWN");
  });

  test("serveRegistry() gives referrers by subject and type", async () => {
    await using registry = await serve();
    const image = await imageOf(registry.base, "x");
    const subject = { mediaType: mediaTypes.imageManifest, digest: image.digest, size: image.text.length };
    const { schemaVersion, mediaType, config, layers } = image;
    const signature = JSON.stringify({
      schemaVersion,
      mediaType,
      config,
      layers,
      subject,
      artifactType: "text/signature",
      annotations: { by: "me" },
    });
    const made = await putManifest(`${registry.base}/manifests/${digestOf(signature)}`, signature);
    expect(made.headers.get("oci-subject")).toBe(image.digest);
    const list = async (query: string): Promise<[unknown, string | null]> => {
      const response = await fetch(`${registry.base}/referrers/${image.digest}${query}`);
      return [
        ((await response.json()) as { manifests: unknown }).manifests,
        response.headers.get("oci-filters-applied"),
      ];
    };
    const expected = {
      mediaType,
      digest: digestOf(signature),
      size: signature.length,
      artifactType: "text/signature",
      annotations: { by: "me" },
    };
    expect(await list("")).toEqual([[expected], null]);
    expect(await list("?artifactType=text/signature")).toEqual([[expected], "artifactType"]);
    expect(await list("?artifactType=other")).toEqual([[], "artifactType"]);
    expect(await (await fetch(`${registry.url}/v2/none/referrers/${digestOf("x")}`)).json()).toMatchObject({
      manifests: [],
    });
  });
});

describe("serveRegistry() access", () => {
  test("serveRegistry() only gives when it is read-only", async () => {
    await using registry = await serve({ readOnly: true });
    expect((await putBlob(registry.base, "x")).status).toBe(405);
    expect((await fetch(`${registry.base}/manifests/a`, { method: "DELETE" })).status).toBe(405);
    expect((await fetch(`${registry.base}/manifests/a`)).status).toBe(404);
  });

  test("serveRegistry() asks for every request, and for the source of a mount", async () => {
    const asked: string[] = [];
    await using registry = await serve({
      authorize: ({ action, repository, headers }) => {
        asked.push(`${action} ${repository}`);
        if (headers.authorization === undefined) return { challenge: 'Basic realm="galley"' };
        return repository === "secret" ? "deny" : "allow";
      },
    });
    const anonymous = await fetch(`${registry.url}/v2/`);
    expect([anonymous.status, anonymous.headers.get("www-authenticate")]).toEqual([401, 'Basic realm="galley"']);
    const headers = { authorization: "Basic eDp5" };
    const denied = await fetch(`${registry.url}/v2/secret/tags/list`, { headers });
    expect([denied.status, await codeOf(denied)]).toEqual([403, "DENIED"]);
    const mount = `${registry.base}/blobs/uploads/?mount=${digestOf("x")}&from=secret`;
    expect((await fetch(mount, { method: "POST", headers })).status).toBe(202);
    expect(asked).toEqual(["pull ", "pull secret", "push team/app", "pull secret"]);
  });

  test("serveRegistry() lets an interceptor answer first", async () => {
    await using registry = await serve({
      intercept: (request, response) => {
        if (request.method !== "HEAD") return false;
        response.writeHead(500).end();
        return true;
      },
    });
    expect((await fetch(`${registry.url}/v2/`, { method: "HEAD" })).status).toBe(500);
    expect((await fetch(`${registry.url}/v2/`)).status).toBe(200);
  });
});
