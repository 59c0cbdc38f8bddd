import { createMemoryStore, serveRegistry } from "@galley/registry-server";
import { describe, expect, test } from "vitest";
import { openRegistry } from "./index.ts";
import { type Fault, quick, status } from "./testing/faulty-registry.ts";

type Authorize = NonNullable<Parameters<typeof serveRegistry>[0]["authorize"]>;

async function serve(fault: Fault, authorize?: Authorize) {
  return serveRegistry({ store: createMemoryStore(), intercept: fault, ...(authorize && { authorize }) });
}

async function collected(list: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const each of list) all.push(each);
  return all;
}

const json = (body: unknown, headers: Record<string, string> = {}): Fault => status(200, headers, JSON.stringify(body));

describe("openRegistry()", () => {
  test("check() passes with the right password, and not with a wrong one or none", async () => {
    const right = `Basic ${Buffer.from("me:right").toString("base64")}`;
    await using server = await serve(
      () => false,
      ({ headers }) => (headers.authorization === right ? "allow" : { challenge: 'Basic realm="x"' }),
    );
    const open = (password: string) =>
      openRegistry(server.address, { ...quick, credentials: async () => ({ username: "me", password }) });
    await using registry = open("right");
    await registry.check();
    await using wrong = open("wrong");
    await expect(wrong.check()).rejects.toMatchObject({ kind: "unauthorized" });
    await using nobody = openRegistry(server.address, quick);
    await expect(nobody.check()).rejects.toMatchObject({ kind: "unauthorized" });
  });

  test("check() says that this is no registry", async () => {
    await using server = await serve(status(404, {}, "<html>"));
    await using registry = openRegistry(server.address, quick);
    await expect(registry.check()).rejects.toMatchObject({ kind: "not-found" });
  });

  test("catalog() reads page after page and leaves out what is no name", async () => {
    await using server = await serve((request, response) => {
      if (!request.url?.startsWith("/v2/_catalog")) return false;
      const next = { link: '</v2/_catalog?last=b>; rel="next"' };
      if (request.url.includes("last=b")) return json({ repositories: ["c", "../etc", 5, "UPPER"] })(request, response);
      return json({ repositories: ["a", "b"] }, next)(request, response);
    });
    await using registry = openRegistry(server.address, quick);
    expect(await collected(registry.catalog())).toEqual(["a", "b", "c"]);
  });

  test.each(["[]", '{"repositories":5}', "<html>"])("catalog() refuses %s", async (body) => {
    await using server = await serve((request, response) =>
      request.url?.startsWith("/v2/_catalog") ? status(200, {}, body)(request, response) : false,
    );
    await using registry = openRegistry(server.address, quick);
    const listed = collected(registry.catalog());
    if (body === "[]") expect(await listed).toEqual([]);
    else await expect(listed).rejects.toMatchObject({ kind: "corrupt", code: "registry.bad-catalog" });
  });

  test("search() asks the registry's own search, over pages, for as many as wanted", async () => {
    const asked: string[] = [];
    await using server = await serve((request, response) => {
      if (!request.url?.startsWith("/v1/search")) return false;
      asked.push(request.url);
      const page = Number(new URL(request.url, "http://x").searchParams.get("page") ?? 1);
      const results = [0, 1].map((place) => ({
        name: `found-${page}-${place}`,
        description: "one\u001b[2J\nline",
        star_count: 7,
        is_official: place === 0,
        is_automated: "yes",
      }));
      return json({ num_pages: 3, results: [...results, null, { name: 5 }] })(request, response);
    });
    await using registry = openRegistry(server.address, quick);
    const found = await registry.search("app & co", { limit: 5 });
    expect(found.map(({ name }) => name)).toEqual(["found-1-0", "found-1-1", "found-2-0", "found-2-1", "found-3-0"]);
    expect(found[0]).toEqual({
      name: "found-1-0",
      description: "one [2J line",
      starCount: 7,
      isOfficial: true,
      isAutomated: false,
    });
    expect(asked).toEqual(["", "&page=2", "&page=3"].map((page) => `/v1/search?q=app+%26+co&n=5${page}`));
  });

  test.each([
    ["status 404", status(404)],
    ["a page of HTML", status(200, {}, "<html>")],
  ] as const)("search() looks through the repositories when the search gives %s", async (_name, fault) => {
    await using server = await serve((request, response) => {
      if (request.url?.startsWith("/v1/search")) return fault(request, response);
      return json({ repositories: ["team/app", "team/other", "app"] })(request, response);
    });
    await using registry = openRegistry(server.address, quick);
    expect((await registry.search("app")).map(({ name }) => name)).toEqual(["team/app", "app"]);
    expect(await registry.search("app", { limit: 1 })).toHaveLength(1);
  });

  test("search() gives up on a registry that fails", async () => {
    await using server = await serve(status(500));
    await using registry = openRegistry(server.address, quick);
    await expect(registry.search("app")).rejects.toMatchObject({ kind: "unavailable" });
  });
});
