import { type Descriptor, digestOf, emptyDescriptor, mediaTypes } from "@galley/spec";
import { describe, expect, test } from "vitest";
import type { Repository } from "./index.ts";
import { type Fault, faultyRegistry, status } from "./testing/faulty-registry.ts";
import { describe as descriptorOf, pieces } from "./testing/image.ts";

/** A registry from before version 1.1: no list of referrers, and it does not say that it has kept a subject. */
const old: Fault = (request, response) => {
  if (request.url?.includes("/referrers/")) return status(404)(request, response);
  const writeHead = response.writeHead.bind(response);
  response.writeHead = ((code: number, headers: Record<string, string>) => {
    const { "oci-subject": _, ...rest } = headers;
    return writeHead(code, rest);
  }) as typeof response.writeHead;
  return false;
};

async function pushReferrer(repository: Repository, subject: Descriptor, artifactType: string): Promise<Descriptor> {
  await repository.push(emptyDescriptor, pieces("{}"));
  const text = JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.imageManifest,
    artifactType,
    config: emptyDescriptor,
    layers: [emptyDescriptor],
    subject,
    annotations: { about: artifactType },
  });
  const manifest = descriptorOf(text, mediaTypes.imageManifest);
  await repository.push(manifest, pieces(text));
  return { ...manifest, artifactType, annotations: { about: artifactType } };
}

async function all(list: AsyncIterable<Descriptor>): Promise<Descriptor[]> {
  const found: Descriptor[] = [];
  for await (const each of list) found.push(each);
  return found.sort((one, other) => (one.artifactType ?? "").localeCompare(other.artifactType ?? ""));
}

const tagOf = ({ digest }: Descriptor): string => digest.replace(":", "-");

describe.each([
  ["a registry that keeps them", undefined],
  ["a registry that does not", old],
] as const)("referrers() of %s", (_name, fault) => {
  test("referrers() lists what refers to a manifest, all of it or of one type", async () => {
    await using registry = await faultyRegistry(fault ? { fault } : {});
    const { repository, image } = registry;
    expect(await all(repository.referrers(image.manifest))).toEqual([]);
    const one = await pushReferrer(repository, image.manifest, "test/one");
    const two = await pushReferrer(repository, image.manifest, "test/two");
    expect(await all(repository.referrers(image.manifest))).toEqual([one, two]);
    expect(await all(repository.referrers(image.manifest.digest, { artifactType: "test/two" }))).toEqual([two]);
    const tags = [];
    for await (const tag of repository.tags()) tags.push(tag);
    expect(tags.includes(tagOf(image.manifest))).toBe(fault !== undefined);
  });

  test("deleteManifest() takes a referrer out of the list", async () => {
    await using registry = await faultyRegistry(fault ? { fault } : {});
    const { repository, image } = registry;
    const one = await pushReferrer(repository, image.manifest, "test/one");
    const two = await pushReferrer(repository, image.manifest, "test/two");
    await repository.deleteManifest(one.digest);
    expect(await all(repository.referrers(image.manifest))).toEqual([two]);
    await expect(repository.resolve(one.digest)).rejects.toMatchObject({ kind: "not-found" });
  });

  test("push() of many referrers at once loses none", async () => {
    await using registry = await faultyRegistry(fault ? { fault } : {});
    const { repository, image } = registry;
    const types = Array.from({ length: 8 }, (_, place) => `test/${place}`);
    await Promise.all(types.map((type) => pushReferrer(repository, image.manifest, type)));
    const found = await all(repository.referrers(image.manifest));
    expect(found.map(({ artifactType }) => artifactType)).toEqual(types);
    // Once more changes nothing.
    await pushReferrer(repository, image.manifest, "test/3");
    expect(await all(repository.referrers(image.manifest))).toHaveLength(8);
  });
});

describe("referrers()", () => {
  test("referrers() reads page after page, and filters what the registry has not", async () => {
    const page = (types: string[], next?: string): Fault => {
      const manifests = types.map((artifactType) => ({
        ...descriptorOf(artifactType, mediaTypes.imageManifest),
        artifactType,
      }));
      const body = JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.imageIndex, manifests });
      return status(
        200,
        { "content-type": mediaTypes.imageIndex, ...(next && { link: `<${next}>; rel="next"` }) },
        body,
      );
    };
    await using registry = await faultyRegistry({
      fault: (request, response) => {
        if (request.url?.includes("page=2")) return page(["c", "a"])(request, response);
        if (!request.url?.includes("/referrers/")) return false;
        return page(["a", "b"], `${request.url.split("?")[0]}?page=2`)(request, response);
      },
    });
    const { repository, image } = registry;
    const types = async (artifactType?: string) =>
      (await all(repository.referrers(image.manifest, artifactType === undefined ? {} : { artifactType }))).map(
        (each) => each.artifactType,
      );
    expect(await types()).toEqual(["a", "a", "b", "c"]);
    expect(await types("a")).toEqual(["a", "a"]);
  });

  test("referrers() takes a page of HTML for a registry without such a list", async () => {
    await using registry = await faultyRegistry({
      fault: (request, response) =>
        request.url?.includes("/referrers/")
          ? status(200, { "content-type": "text/html" }, "<html>")(request, response)
          : false,
    });
    expect(await all(registry.repository.referrers(registry.image.manifest))).toEqual([]);
  });

  test("referrers() refuses a tag that is no index, and gives a refusal as it is", async () => {
    await using registry = await faultyRegistry({ fault: old });
    await registry.repository.tag(tagOf(registry.image.manifest), registry.image.manifest);
    const wrong = { kind: "corrupt", code: "registry.bad-referrers" };
    await expect(all(registry.repository.referrers(registry.image.manifest))).rejects.toMatchObject(wrong);
    await using closed = await faultyRegistry({
      fault: (request, response) => (request.url?.includes("/referrers/") ? status(403)(request, response) : false),
    });
    const listed = all(closed.repository.referrers(closed.image.manifest));
    await expect(listed).rejects.toMatchObject({ kind: "forbidden" });
  });

  test("referrers() shortens the tag of a long digest", async () => {
    await using registry = await faultyRegistry({ fault: old });
    const digest = digestOf("long", "sha512");
    await all(registry.repository.referrers(digest));
    expect(registry.requests.at(-1)).toBe(`GET /v2/team/app/manifests/sha512-${digest.slice(7, 71)}`);
  });
});

describe("openRepository() deletes", () => {
  test("deleteTag() leaves the manifest, deleteManifest() takes its tags along, deleteBlob() is told apart", async () => {
    await using registry = await faultyRegistry();
    const { repository, image } = registry;
    await repository.tag("v2", image.manifest);
    await repository.deleteTag("v2");
    expect(await repository.exists(image.manifest)).toBe(true);
    await repository.deleteManifest(image.manifest.digest);
    await expect(repository.resolve("v1")).rejects.toMatchObject({ kind: "not-found" });
    await repository.deleteBlob(image.layer.digest);
    expect(await repository.exists(image.layer)).toBe(false);
    await expect(repository.deleteBlob(image.layer.digest)).rejects.toMatchObject({ kind: "not-found" });
    await expect(repository.deleteTag(image.manifest.digest)).rejects.toMatchObject({ code: "registry.not-a-tag" });
  });

  test("deleteTag() is done when its first answer was lost", async () => {
    let count = 0;
    await using registry = await faultyRegistry({
      fault: (request, response) => {
        if (request.method !== "DELETE" || count++ > 0) return false;
        response.writeHead = (() => request.socket.destroy() && response) as unknown as typeof response.writeHead;
        return false;
      },
    });
    await registry.repository.deleteTag("v1");
    expect(count).toBe(2);
  });

  test("deleteTag() says that a registry does not do that", async () => {
    await using registry = await faultyRegistry({
      fault: (request, response) => (request.method === "DELETE" ? status(405)(request, response) : false),
    });
    await expect(registry.repository.deleteTag("v1")).rejects.toMatchObject({ kind: "unsupported" });
  });
});
