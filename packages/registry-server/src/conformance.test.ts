import { digestOf, mediaTypes } from "@galley/spec";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createMemoryStore } from "./memory-store.ts";
import { type RegistryServer, serveRegistry } from "./serve-registry.ts";
import { codeOf, finish, imageOf, openUpload, patch, putBlob, putManifest } from "./testing/registry-requests.ts";

/** The endpoints of OCI distribution-spec 1.1 ("Endpoints") one by one, as the conformance workflows use them. */

let server: RegistryServer;
let base = "";
const absent = digestOf("absent");

beforeAll(async () => {
  server = await serveRegistry({ store: createMemoryStore() });
  base = `${server.url}/v2/team/app`;
});
afterAll(() => server[Symbol.asyncDispose]());

const get = (path: string, init?: RequestInit) => fetch(path.startsWith("http") ? path : `${base}/${path}`, init);
const header = (response: Response, name: string) => response.headers.get(name);
const located = (response: Response) => new URL(header(response, "location") ?? "", response.url).href;

describe("pull", () => {
  test("end-1: GET /v2/ says that this is a registry", async () => {
    expect((await get(`${server.url}/v2/`)).status).toBe(200);
    expect((await get(`${server.url}/v2`)).status).toBe(200);
  });

  test("end-2: GET and HEAD of a blob give it, its digest and its size", async () => {
    const digest = digestOf("hello");
    await putBlob(base, "hello");
    for (const method of ["GET", "HEAD"]) {
      const response = await get(`blobs/${digest}`, { method });
      expect(response.status).toBe(200);
      expect(header(response, "docker-content-digest")).toBe(digest);
      expect(header(response, "content-length")).toBe("5");
      expect(await response.text()).toBe(method === "GET" ? "hello" : "");
    }
    const part = await get(`blobs/${digest}`, { headers: { range: "bytes=1-3" } });
    expect([part.status, header(part, "content-range"), await part.text()]).toEqual([206, "bytes 1-3/5", "ell"]);
  });

  test("end-2: an unknown blob is 404 BLOB_UNKNOWN, a malformed digest 400 DIGEST_INVALID", async () => {
    const unknown = await get(`blobs/${absent}`);
    expect([unknown.status, await codeOf(unknown)]).toEqual([404, "BLOB_UNKNOWN"]);
    expect((await get(`blobs/${absent}`, { method: "HEAD" })).status).toBe(404);
    const malformed = await get("blobs/sha256:totallywrong");
    expect([malformed.status, await codeOf(malformed)]).toEqual([400, "DIGEST_INVALID"]);
  });

  test("end-3: GET and HEAD of a manifest give its bytes, media type and digest, by tag and by digest", async () => {
    const image = await imageOf(base, "layer");
    await putManifest(`${base}/manifests/v1`, image.text);
    for (const name of ["v1", image.digest]) {
      for (const method of ["GET", "HEAD"]) {
        const response = await get(`manifests/${name}`, { method });
        expect(response.status).toBe(200);
        expect(header(response, "content-type")).toBe(mediaTypes.imageManifest);
        expect(header(response, "docker-content-digest")).toBe(image.digest);
        expect(header(response, "content-length")).toBe(`${image.text.length}`);
        expect(await response.text()).toBe(method === "GET" ? image.text : "");
      }
    }
  });

  test("end-3: an unknown tag or digest is 404 MANIFEST_UNKNOWN, an unknown repository 404", async () => {
    for (const name of ["nope", absent]) {
      const response = await get(`manifests/${name}`);
      expect([response.status, await codeOf(response)]).toEqual([404, "MANIFEST_UNKNOWN"]);
      expect((await get(`manifests/${name}`, { method: "HEAD" })).status).toBe(404);
    }
    expect((await get(`${server.url}/v2/no/such/manifests/v1`)).status).toBe(404);
  });
});

describe("push", () => {
  test("end-4a, end-6: POST then PUT in one piece", async () => {
    const begun = await get("blobs/uploads/", { method: "POST" });
    expect([begun.status, header(begun, "location") !== null]).toEqual([202, true]);
    const done = await finish(located(begun), digestOf("one piece"), "one piece");
    expect(done.status).toBe(201);
    expect(await (await get(located(done))).text()).toBe("one piece");
  });

  test("end-4b: one POST with all of it", async () => {
    const done = await putBlob(base, "single post");
    expect([done.status, header(done, "docker-content-digest")]).toEqual([201, digestOf("single post")]);
    expect(await (await get(located(done))).text()).toBe("single post");
    const wrong = await putBlob(base, "single post", absent);
    expect([wrong.status, await codeOf(wrong)]).toEqual([400, "DIGEST_INVALID"]);
  });

  test("end-4c: an announced algorithm is used, an unknown one refused", async () => {
    const begun = await get("blobs/uploads/?digest-algorithm=sha512", { method: "POST" });
    expect(begun.status).toBe(202);
    await patch(located(begun), "long hash", 0);
    expect((await finish(located(begun), digestOf("long hash", "sha512"))).status).toBe(201);
    const unknown = await get("blobs/uploads/?digest-algorithm=md5", { method: "POST" });
    expect([unknown.status, await codeOf(unknown)]).toEqual([400, "DIGEST_INVALID"]);
  });

  test("end-5, end-6, end-13: chunks in order, their place by GET, and 416 out of order", async () => {
    const upload = await openUpload(base);
    const first = await patch(upload, "chunk one,", 0);
    expect([first.status, header(first, "range"), located(first) !== ""]).toEqual([202, "0-9", true]);
    const wrong = await patch(located(first), "chunk three", 99);
    expect(wrong.status).toBe(416);
    const place = await get(upload);
    expect([place.status, header(place, "range")]).toEqual([204, "0-9"]);
    const second = await patch(located(place), " chunk two", 10);
    expect([second.status, header(second, "range")]).toEqual([202, "0-19"]);
    const late = await fetch(`${located(second)}?digest=${digestOf("chunk one, chunk two.")}`, {
      method: "PUT",
      headers: { "content-range": "30-30" },
      body: ".",
    });
    expect(late.status).toBe(416);
    const done = await finish(located(second), digestOf("chunk one, chunk two."), ".");
    expect(done.status).toBe(201);
    expect(await (await get(located(done))).text()).toBe("chunk one, chunk two.");
  });

  test("end-6: a wrong digest is 400 DIGEST_INVALID, an unknown upload 404 BLOB_UPLOAD_UNKNOWN", async () => {
    const wrong = await finish(await openUpload(base), absent, "x");
    expect([wrong.status, await codeOf(wrong)]).toEqual([400, "DIGEST_INVALID"]);
    const unknown = await finish(`${base}/blobs/uploads/00000000-0000-0000-0000-000000000000`, absent, "x");
    expect([unknown.status, await codeOf(unknown)]).toEqual([404, "BLOB_UPLOAD_UNKNOWN"]);
  });

  test("end-7a: a manifest by tag, whose content type may have parameters", async () => {
    const image = await imageOf(base, "layer 7a");
    const done = await putManifest(`${base}/manifests/v7a`, image.text, `${mediaTypes.imageManifest}; charset=utf-8`);
    expect([done.status, header(done, "docker-content-digest")]).toEqual([201, image.digest]);
    const pulled = await get(located(done));
    expect([header(pulled, "content-type"), await pulled.text()]).toEqual([mediaTypes.imageManifest, image.text]);
  });

  test("end-7a: refuses what is no manifest, lacks its blobs, or is too large", async () => {
    const bad = await putManifest(`${base}/manifests/bad`, "{");
    expect([bad.status, await codeOf(bad)]).toEqual([400, "MANIFEST_INVALID"]);
    const image = await imageOf(base, "layer");
    const config = { ...(image["config"] as object), digest: absent };
    const lacking = await putManifest(`${base}/manifests/lacking`, { ...image, config });
    expect([lacking.status, await codeOf(lacking)]).toEqual([404, "MANIFEST_BLOB_UNKNOWN"]);
    const large = await putManifest(`${base}/manifests/large`, `"${"x".repeat(4 * 1024 * 1024)}"`);
    expect(large.status).toBe(413);
    const other = await putManifest(`${base}/manifests/${absent}`, image.text);
    expect([other.status, await codeOf(other)]).toEqual([400, "DIGEST_INVALID"]);
  });

  test("end-7b: a manifest by digest with tags along", async () => {
    const image = await imageOf(base, "layer 7b");
    const tags = Array.from({ length: 10 }, (_, count) => `t${count}`);
    const query = tags.map((tag) => `tag=${tag}`).join("&");
    const done = await putManifest(`${base}/manifests/${image.digest}?${query}`, image.text);
    expect([done.status, header(done, "oci-tag")]).toEqual([201, tags.join(", ")]);
    expect(header(await get("manifests/t9", { method: "HEAD" }), "docker-content-digest")).toBe(image.digest);
    const bad = await putManifest(`${base}/manifests/${image.digest}?tag=ok&tag=-no`, image.text);
    expect([bad.status, (await get("manifests/ok")).status]).toEqual([400, 404]);
    const many = Array.from({ length: 101 }, (_, count) => `tag=m${count}`).join("&");
    expect((await putManifest(`${base}/manifests/${image.digest}?${many}`, image.text)).status).toBe(414);
  });

  test("end-7a: a subject is told, and need not be there", async () => {
    const image = await imageOf(base, "layer");
    const subject = { mediaType: mediaTypes.imageManifest, digest: absent, size: 7 };
    const { digest: _, text: __, ...manifest } = image;
    const done = await putManifest(`${base}/manifests/about`, { ...manifest, subject });
    expect([done.status, header(done, "oci-subject")]).toEqual([201, absent]);
  });

  test("end-11: a mount takes over a blob, or else begins an upload", async () => {
    const digest = digestOf("mounted");
    await putBlob(`${server.url}/v2/other/app`, "mounted");
    const done = await get(`blobs/uploads/?mount=${digest}&from=other/app`, { method: "POST" });
    expect(done.status).toBe(201);
    expect(await (await get(located(done))).text()).toBe("mounted");
    for (const query of [`mount=${absent}&from=other/app`, `mount=${absent}`]) {
      const begun = await get(`blobs/uploads/?${query}`, { method: "POST" });
      expect(begun.status).toBe(202);
      expect((await finish(located(begun), digestOf(query), query)).status).toBe(201);
    }
  });

  test("end-14: DELETE gives an upload up", async () => {
    const upload = await openUpload(base);
    expect((await get(upload, { method: "DELETE" })).status).toBe(204);
    expect((await get(upload)).status).toBe(404);
  });
});

describe("discovery", () => {
  const repository = () => `${server.url}/v2/discovery/app`;
  const tags = ["10", "A", "B", "_x", "a", "b"];

  beforeAll(async () => {
    const image = await imageOf(repository(), "layer");
    for (const tag of [...tags].reverse()) await putManifest(`${repository()}/manifests/${tag}`, image.text);
  });

  test("end-8a: all tags in order", async () => {
    const response = await get(`${repository()}/tags/list`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ name: "discovery/app", tags });
    const unknown = await get(`${server.url}/v2/no/such/tags/list`);
    expect([unknown.status, await codeOf(unknown)]).toEqual([404, "NAME_UNKNOWN"]);
  });

  test("end-8b: tags in pages, which a Link header joins", async () => {
    const found: string[] = [];
    let next: string | undefined = `${repository()}/tags/list?n=4`;
    for (let page = 0; next !== undefined && page < 5; page++) {
      const response: Response = await get(next);
      found.push(...((await response.json()) as { tags: string[] }).tags);
      const [, target] = /^<(.+)>; rel="next"$/.exec(header(response, "link") ?? "") ?? [];
      next = target && new URL(target, response.url).href;
    }
    expect(found).toEqual(tags);
    const rest = await get(`${repository()}/tags/list?last=B`);
    expect(((await rest.json()) as { tags: string[] }).tags).toEqual(["_x", "a", "b"]);
    const none = await get(`${repository()}/tags/list?n=0`);
    expect([((await none.json()) as { tags: string[] }).tags, header(none, "link")]).toEqual([[], null]);
  });

  test("end-12a, end-12b: referrers as an index, by type too, and an empty one for what has none", async () => {
    const image = await imageOf(repository(), "subject");
    await putManifest(`${repository()}/manifests/subject`, image.text);
    const { digest: _, text: __, ...manifest } = image;
    const subject = { mediaType: mediaTypes.imageManifest, digest: image.digest, size: image.text.length };
    const annotations = { "org.example": "yes" };
    for (const artifactType of ["application/vnd.example.sbom", "application/vnd.example.signature"]) {
      const about = JSON.stringify({ ...manifest, subject, artifactType, annotations });
      expect((await putManifest(`${repository()}/manifests/${digestOf(about)}`, about)).status).toBe(201);
    }
    const all = await get(`${repository()}/referrers/${image.digest}`);
    expect([all.status, header(all, "content-type")]).toEqual([200, mediaTypes.imageIndex]);
    const { manifests } = (await all.json()) as { manifests: object[] };
    expect(manifests.length).toBe(2);
    expect(manifests[0]).toMatchObject({ mediaType: mediaTypes.imageManifest, annotations });
    const some = await get(`${repository()}/referrers/${image.digest}?artifactType=application/vnd.example.sbom`);
    expect(header(some, "oci-filters-applied")).toBe("artifactType");
    expect(((await some.json()) as { manifests: object[] }).manifests).toMatchObject([
      { artifactType: "application/vnd.example.sbom" },
    ]);
    const none = await get(`${repository()}/referrers/${absent}`);
    expect([none.status, ((await none.json()) as { manifests: object[] }).manifests]).toEqual([200, []]);
    expect((await get(`${repository()}/referrers/nonsense`)).status).toBe(400);
  });

  test("the catalog names repositories in order and in pages", async () => {
    const response = await get(`${server.url}/v2/_catalog?n=1`);
    expect(await response.json()).toEqual({ repositories: ["discovery/app"] });
    expect(header(response, "link")).toBe('</v2/_catalog?n=1&last=discovery%2Fapp>; rel="next"');
    const rest = await get(`${server.url}/v2/_catalog?last=discovery/app`);
    expect(await rest.json()).toEqual({ repositories: ["team/app"] });
  });

  test("the catalog is refused by a store that knows no names", async () => {
    const { repositories: _, ...store } = createMemoryStore();
    await using other = await serveRegistry({ store });
    const response = await get(`${other.url}/v2/_catalog`);
    expect([response.status, await codeOf(response)]).toEqual([405, "UNSUPPORTED"]);
  });
});

describe("management", () => {
  const repository = () => `${server.url}/v2/management/app`;

  test("end-9: DELETE of a tag leaves the manifest", async () => {
    const image = await imageOf(repository(), "layer");
    for (const tag of ["one", "two"]) await putManifest(`${repository()}/manifests/${tag}`, image.text);
    expect((await get(`${repository()}/manifests/one`, { method: "DELETE" })).status).toBe(202);
    expect((await get(`${repository()}/manifests/one`)).status).toBe(404);
    expect((await get(`${repository()}/manifests/${image.digest}`)).status).toBe(200);
    expect((await get(`${repository()}/manifests/one`, { method: "DELETE" })).status).toBe(404);
  });

  test("end-9: DELETE of a manifest takes its tags along", async () => {
    const image = await imageOf(repository(), "layer");
    await putManifest(`${repository()}/manifests/three`, image.text);
    expect((await get(`${repository()}/manifests/${image.digest}`, { method: "DELETE" })).status).toBe(202);
    for (const name of [image.digest, "three"])
      expect((await get(`${repository()}/manifests/${name}`)).status).toBe(404);
    expect((await get(`${server.url}/v2/no/such/manifests/${absent}`, { method: "DELETE" })).status).toBe(404);
  });

  test("end-10: DELETE of a blob", async () => {
    await putBlob(repository(), "gone");
    const digest = digestOf("gone");
    expect((await get(`${repository()}/blobs/${digest}`, { method: "DELETE" })).status).toBe(202);
    const again = await get(`${repository()}/blobs/${digest}`, { method: "DELETE" });
    expect([again.status, await codeOf(again)]).toEqual([404, "BLOB_UNKNOWN"]);
    expect((await get(`${repository()}/blobs/${digest}`)).status).toBe(404);
  });

  test("a server that only gives refuses all else with 405", async () => {
    await using closed = await serveRegistry({ store: createMemoryStore(), readOnly: true });
    const refused = [
      ["POST", "blobs/uploads/"],
      ["PUT", "manifests/v1"],
      ["DELETE", "manifests/v1"],
      ["DELETE", `blobs/${absent}`],
    ] as const;
    for (const [method, path] of refused) {
      const response = await get(`${closed.url}/v2/a/${path}`, { method });
      expect([response.status, await codeOf(response)]).toEqual([405, "UNSUPPORTED"]);
    }
    expect((await get(`${closed.url}/v2/_catalog`)).status).toBe(200);
  });
});
