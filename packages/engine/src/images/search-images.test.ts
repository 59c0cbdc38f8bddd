import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { scratchFolder } from "../testing/scratch-folder.ts";
import { listRemoteTags } from "./list-remote-tags.ts";
import { searchImages } from "./search-images.ts";

const results = [
  { name: "team/app", description: "An app", star_count: 12, is_official: false, is_automated: true },
  { name: "library/app", description: "The app", star_count: 300, is_official: true, is_automated: false },
  { name: "other/app", description: "", star_count: 0, is_official: false, is_automated: false },
];

/** Answers searches and lists of tags; `asked` holds what it was asked for. */
async function index() {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://x");
    asked.push(`${url.pathname}${url.search}`);
    if (url.pathname === "/v1/search") return response.end(JSON.stringify({ num_pages: 1, results }));
    if (url.pathname.endsWith("/tags/list")) return response.end(JSON.stringify({ name: "x", tags: ["1", "2", "3"] }));
    return response.writeHead(url.pathname === "/v2/" ? 200 : 404).end("{}");
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

async function conf(text: string): Promise<{ registriesConfPath: string; retry: { attempts: number } }> {
  const path = join(await scratchFolder(), "registries.conf");
  await writeFile(path, text);
  return { registriesConfPath: path, retry: { attempts: 1 } };
}

describe("searchImages()", () => {
  test("searchImages() asks the registry that the term begins with, and gives full names", async () => {
    const { address, asked } = await index();
    const found = await searchImages(`${address}/app`, await conf(""));
    expect(found.map(({ index: where, name }) => [where, name])).toEqual(
      results.map(({ name }) => [address, `${address}/${name}`]),
    );
    expect(asked.at(-1)).toContain("q=app");
  });

  test("searchImages() asks all that registries.conf searches, and passes over one that fails", async () => {
    const { address } = await index();
    const options = await conf(`unqualified-search-registries = ["127.0.0.1:1", "${address}"]`);
    expect(await searchImages("app", options)).toHaveLength(3);
    const none = await conf(`unqualified-search-registries = ["127.0.0.1:1"]`);
    await expect(searchImages("app", none)).rejects.toMatchObject({ kind: "unavailable" });
    await expect(searchImages("app", await conf("unqualified-search-registries = []"))).rejects.toMatchObject({
      code: "engine.no-search-registries",
    });
  });

  test.each([
    [{ limit: 2 }, ["team/app", "library/app"]],
    [{ minStars: 10 }, ["team/app", "library/app"]],
    [{ isOfficial: true }, ["library/app"]],
    [{ isOfficial: false, limit: 1 }, ["team/app"]],
    [{ isAutomated: true }, ["team/app"]],
  ])("searchImages() keeps to %j", async (filter, names) => {
    const { address } = await index();
    const found = await searchImages(`${address}/app`, { ...(await conf("")), ...filter });
    expect(found.map(({ name }) => name)).toEqual(names.map((name) => `${address}/${name}`));
  });
});

describe("listRemoteTags()", () => {
  test("listRemoteTags() gives the tags of a repository", async () => {
    const { address } = await index();
    const tags: string[] = [];
    for await (const tag of listRemoteTags(`docker://${address}/team/app`, await conf(""))) tags.push(tag);
    expect(tags).toEqual(["1", "2", "3"]);
  });

  test.each(["127.0.0.1:1/app:1", `127.0.0.1:1/app@sha256:${"0".repeat(64)}`, "oci:/tmp/x", "X"])(
    "listRemoteTags() refuses %s",
    async (name) => {
      await expect(async () => {
        for await (const _ of listRemoteTags(name));
      }).rejects.toMatchObject({ kind: "invalid" });
    },
  );
});
