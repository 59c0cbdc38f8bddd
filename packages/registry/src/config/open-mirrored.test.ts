import {
  createMemoryStore,
  type RegistryServer,
  type ServeRegistryOptions,
  serveRegistry,
} from "@galley/registry-server";
import { parseReference } from "@galley/spec";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openRepository } from "../repository.ts";
import { quick } from "../testing/faulty-registry.ts";
import { collect, describe as describeBytes, pieces, pushImage, type TestImage } from "../testing/image.ts";
import { openMirrored } from "./open-mirrored.ts";
import type { MirrorEntry, RegistriesConf } from "./registries-conf.ts";

/** Answers every request with a status. */
function answer(status: number, headers = {}): NonNullable<ServeRegistryOptions["intercept"]> {
  return (_, response) => {
    response.writeHead(status, headers).end();
    return true;
  };
}

interface Side {
  readonly server: RegistryServer;
  readonly requests: string[];
  fault: ServeRegistryOptions["intercept"];
  image: TestImage;
}

const layerBytes = Buffer.alloc(300_000, "layer");
let mirror: Side;
let main: Side;
beforeEach(async () => {
  [mirror, main] = [await open("/mirrored/app"), await open("/team/app")];
});
afterEach(async () => {
  for (const { server } of [mirror, main]) await server[Symbol.asyncDispose]();
});

async function open(repository: string): Promise<Side> {
  const requests: string[] = [];
  const server = await serveRegistry({
    store: createMemoryStore(),
    intercept: (request, response) => {
      requests.push(`${request.method} ${request.url}`);
      return side.fault?.(request, response) ?? false;
    },
  });
  const side: Side = { server, requests, fault: undefined, image: undefined as unknown as TestImage };
  await using maker = openRepository(`${server.address}${repository}`, quick);
  side.image = await pushImage(maker, layerBytes);
  requests.length = 0;
  return side;
}

function confOf(
  mirrors: Partial<MirrorEntry>[] = [{}],
  more: Partial<RegistriesConf["registries"][number]> = {},
): RegistriesConf {
  const all = mirrors.map((each) => ({
    location: `${mirror.server.address}/mirrored`,
    insecure: false,
    pulls: "all" as const,
    ...each,
  }));
  const own = {
    prefix: "logical.example/team",
    location: `${main.server.address}/team`,
    insecure: false,
    blocked: false,
  };
  return {
    path: "/x.conf",
    shortNameMode: "permissive",
    credentialHelpers: [],
    aliases: new Map(),
    registries: [{ ...own, mirrors: all, ...more }],
  };
}

const name = parseReference("logical.example/team/app:v1");
const openWith = (conf = confOf()) => openMirrored(name, { ...quick, conf });

test("openMirrored() reads everything from the first mirror", async () => {
  await using repository = await openWith();
  expect(repository.reference).toEqual({ domain: "logical.example", repository: "team/app" });
  const { manifest, layer } = main.image;
  expect(await repository.resolve("logical.example/team/app:v1")).toEqual(manifest);
  expect((await repository.fetchManifest(manifest.digest)).descriptor).toEqual(manifest);
  expect(await collect(await repository.fetch(layer))).toEqual(layerBytes);
  expect(main.requests).toEqual([]);
  await expect(repository.resolve("other.example/team/app")).rejects.toMatchObject({ kind: "invalid" });
});

test.each([
  [404, "not-found"],
  [401, "unauthorized"],
  [500, "unavailable"],
])("openMirrored() goes on to the location when a mirror answers %i, and stays there", async (status) => {
  mirror.fault = answer(status);
  await using repository = await openWith();
  const { manifest, layer } = main.image;
  expect(await repository.resolve("v1")).toEqual(manifest);
  const asked = mirror.requests.length;
  expect(await collect(await repository.fetch(layer))).toEqual(layerBytes);
  expect(mirror.requests).toHaveLength(asked);
});

test("openMirrored() goes on to the location when nobody is at the mirror, or it lies about a digest", async () => {
  await using repository = await openWith(confOf([{ location: "127.0.0.1:1" }, {}]));
  const { manifest } = main.image;
  mirror.fault = (request, response) => {
    if (!request.url?.includes("/manifests/")) return false;
    response.writeHead(200, { "content-type": manifest.mediaType }).end("{}");
    return true;
  };
  expect((await repository.fetchManifest(manifest.digest)).descriptor).toEqual(manifest);
  expect(mirror.requests.length).toBeGreaterThan(0);
});

test("openMirrored() takes a blob that a mirror does not have from the location", async () => {
  mirror.fault = (request, response) => {
    if (!request.url?.includes("/blobs/")) return false;
    response.writeHead(404).end();
    return true;
  };
  await using repository = await openWith();
  await repository.resolve("v1");
  expect(await collect(await repository.fetch(main.image.layer))).toEqual(layerBytes);
});

test("openMirrored() goes on with a blob at the location where a mirror has broken off", async () => {
  let cuts = 0;
  mirror.fault = (request, response) => {
    if (!request.url?.includes("/blobs/")) return false;
    cuts++;
    if (cuts > 1) response.writeHead(503).end();
    else
      response
        .writeHead(200, { "content-length": layerBytes.byteLength })
        .write(layerBytes.subarray(0, 100_000), () => response.destroy());
    return true;
  };
  await using repository = await openWith();
  expect(await collect(await repository.fetch(main.image.layer))).toEqual(layerBytes);
  expect(main.requests.filter((request) => request.includes("/blobs/"))).toHaveLength(1);
});

test("openMirrored() tells the location's error, and what the mirrors said", async () => {
  for (const side of [mirror, main]) side.fault = answer(404);
  await using repository = await openWith();
  await expect(repository.resolve("v1")).rejects.toMatchObject({
    kind: "not-found",
    message: expect.stringMatching(/^\(Mirrors also failed: \[.*mirrored\/app: .*\]\): .*team\/app: /),
    details: { mirrors: [expect.stringContaining(mirror.server.address)] },
  });
});

test("openMirrored() does not go on when it is cancelled", async () => {
  const controller = new AbortController();
  mirror.fault = () => {
    controller.abort();
    return true;
  };
  await using repository = await openWith();
  await expect(repository.resolve("v1", { signal: controller.signal })).rejects.toMatchObject({ kind: "cancelled" });
  expect(main.requests).toEqual([]);
});

test("openMirrored() uses mirrors for digests only where it is told so", async () => {
  const conf = confOf([{ pulls: "digest-only" }]);
  await using byTag = await openWith(conf);
  await byTag.resolve("v1");
  expect(mirror.requests).toEqual([]);
  await using byDigest = await openMirrored({ ...name, digest: main.image.manifest.digest }, { ...quick, conf });
  await byDigest.resolve(main.image.manifest.digest);
  expect(mirror.requests).toHaveLength(1);
});

test("openMirrored() never writes to a mirror", async () => {
  const [domain = ""] = [main.server.address];
  const conf = confOf([{}], { prefix: domain, location: domain });
  await using repository = await openMirrored({ domain, repository: "team/app", tag: "v2" }, { ...quick, conf });
  const blob = describeBytes("new");
  await repository.push(blob, pieces("new"));
  expect(await repository.exists(blob)).toBe(true);
  await repository.tag("v2", main.image.manifest);
  expect(mirror.requests.filter((request) => !request.startsWith("GET"))).toEqual([]);
  expect(main.requests.some((request) => request.startsWith("PUT"))).toBe(true);
});

test("openMirrored() asks for credentials by the place it speaks to", async () => {
  for (const side of [mirror, main]) {
    side.fault = answer(401, { "www-authenticate": 'Basic realm="x"' });
  }
  const asked: string[] = [];
  const credentials = async (domain: string, repository: string) => void asked.push(`${domain}/${repository}`);
  await using repository = await openMirrored(name, { ...quick, conf: confOf(), credentials: credentials as never });
  await expect(repository.resolve("v1")).rejects.toMatchObject({ kind: "unauthorized" });
  expect(asked).toEqual([`${mirror.server.address}/mirrored/app`, `${main.server.address}/team/app`]);
});

test("openMirrored() refuses a blocked registry before anything is sent", async () => {
  await expect(openWith(confOf([{}], { blocked: true }))).rejects.toMatchObject({
    kind: "forbidden",
    code: "registry.blocked",
    message: "registry logical.example/team is blocked in /x.conf",
  });
});

test("openMirrored() without an entry is the repository itself", async () => {
  const conf = { ...confOf(), registries: [] };
  const reference = parseReference(`${main.server.address}/team/app`);
  await using repository = await openMirrored(reference, { ...quick, conf });
  expect(await repository.resolve("v1")).toEqual(main.image.manifest);
});
