import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect, createServer as createDoor, type Server as Door } from "node:net";
import { createMemoryStore, type RegistryServer, type RegistryStore, serveRegistry } from "@galley/registry-server";
import { countTraffic, type Traffic } from "./count-traffic.ts";
import { createImage, type SeededImage } from "./seeded-image.ts";

export const repositoryName = "team/app";
const password = "secret-password";
/** What no other host may ever see a piece of. */
const secret = /secret|c2VjcmV0|bWU6/;

/** Answers a request and says so, or leaves it alone. */
export type Fault = (request: IncomingMessage, response: ServerResponse, world: World) => boolean | Promise<boolean>;

/** A registry with tokens, that misbehaves, and another host. */
export interface World {
  readonly server: RegistryServer;
  readonly store: RegistryStore;
  readonly image: SeededImage;
  /** A place within the layer, by the seed. */
  readonly middle: number;
  /** Serves the layer at every path, and takes uploads; not for credentials. */
  readonly elsewhere: string;
  readonly traffic: Traffic[];
  /** Requests to the other host that carried a secret. */
  readonly leaks: string[];
  readonly challenge: string;
  /** Makes all tokens invalid that were given so far. */
  revoke(): void;
  /** Opens another door, to the same registry. */
  alsoListen(port: number): void;
  [Symbol.asyncDispose](): Promise<void>;
}

export const credentials = async () => ({ username: "me", password });

interface WorldOptions {
  readonly seed: number;
  /** Whether the image is in the registry to begin with. */
  readonly filled: boolean;
  readonly fault: Fault;
  readonly tls?: { readonly key: string; readonly cert: string } | undefined;
}

export async function openWorld({ seed, filled, fault, tls }: WorldOptions): Promise<World> {
  const image = createImage(seed);
  const store = createMemoryStore();
  if (filled) await fill(store, image);
  const traffic: Traffic[] = [];
  const tokens = new Set<string>();
  const leaks: string[] = [];
  const doors: Door[] = [];
  const other = await listen(
    createServer((request, response) => void serveElsewhere({ store, image, leaks }, request, response)),
  );
  let world: World | undefined;
  const challenge = () => `Bearer realm="${world?.server.url}/token",service="evil"`;
  const server = await serveRegistry({
    store,
    ...(tls && { tls }),
    intercept: async (request, response) => {
      traffic.push(countTraffic(request, response));
      if (request.url?.startsWith("/token")) return giveToken(tokens, request, response);
      // The first question, without a token, is always answered: faults are for what comes afterwards.
      if (!world || request.headers.authorization === undefined) return false;
      return fault(request, response, world);
    },
    authorize: ({ headers }) =>
      tokens.has((headers.authorization ?? "").replace("Bearer ", "")) ? "allow" : { challenge: challenge() },
  });
  world = {
    ...{ server, store, image, traffic, leaks },
    middle: Math.floor(image.layerBytes.byteLength * (0.2 + ((seed * 37) % 60) / 100)),
    elsewhere: `http://127.0.0.1:${(other.address() as AddressInfo).port}`,
    get challenge() {
      return challenge();
    },
    revoke: () => tokens.clear(),
    alsoListen: (port) => void doors.push(openDoor(port, server)),
    async [Symbol.asyncDispose]() {
      for (const door of doors) door.close();
      await server[Symbol.asyncDispose]();
      other.closeAllConnections();
      other.close();
    },
  };
  return world;
}

function giveToken(tokens: Set<string>, request: IncomingMessage, response: ServerResponse): boolean {
  const expected = `Basic ${Buffer.from(`me:${password}`).toString("base64")}`;
  if (request.headers.authorization !== expected) return response.writeHead(401).end() === response;
  const token = `secret-token-${tokens.size}-${Math.random()}`;
  tokens.add(token);
  const body = JSON.stringify({ token, expires_in: 300 });
  return response.writeHead(200, { "content-type": "application/json" }).end(body) === response;
}

async function fill(store: RegistryStore, image: SeededImage): Promise<void> {
  for (const [digest, bytes] of image.blobs) {
    const staged = await store.blobs.stage(repositoryName);
    await staged.write(bytes);
    await staged.commit(digest);
  }
  const { manifest } = image;
  await store.manifests.put(repositoryName, manifest.digest, {
    mediaType: manifest.mediaType,
    bytes: image.manifestBytes,
  });
  await store.tags.put(repositoryName, "v1", manifest.digest);
}

async function serveElsewhere(
  { store, image, leaks }: Pick<World, "store" | "image" | "leaks">,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (secret.test(`${request.url} ${JSON.stringify(request.headers)}`)) leaks.push(`${request.method} ${request.url}`);
  if (request.method === "PUT") return takeUpload(store, request, response);
  // A chain of redirects: /hops/3 leads to /hops/2.
  const hops = Number(/^\/hops\/(\d+)/.exec(request.url ?? "")?.[1] ?? 0);
  if (hops > 0) return void response.writeHead(302, { location: `/hops/${hops - 1}` }).end();
  const { layerBytes } = image;
  const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
  const range = { "content-range": `bytes ${start}-${layerBytes.byteLength - 1}/${layerBytes.byteLength}` };
  response.writeHead(start > 0 ? 206 : 200, {
    "content-length": layerBytes.byteLength - start,
    ...(start > 0 && range),
  });
  response.end(layerBytes.subarray(start));
}

async function takeUpload(store: RegistryStore, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const staged = await store.blobs.stage(repositoryName);
  const hash = createHash("sha256");
  for await (const bytes of request) {
    hash.update(bytes);
    await staged.write(bytes);
  }
  const digest = new URL(request.url ?? "", "http://x").searchParams.get("digest");
  if (digest !== `sha256:${hash.digest("hex")}`) return void response.writeHead(400).end();
  await staged.commit(digest as SeededImage["layer"]["digest"]);
  response.writeHead(201).end();
}

async function listen(server: Server): Promise<Server> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

function openDoor(port: number, { url }: RegistryServer): Door {
  const target = Number(new URL(url).port);
  return createDoor((socket) => {
    const inner = connect(target, "127.0.0.1");
    socket.on("error", () => inner.destroy()).pipe(inner);
    inner.on("error", () => socket.destroy()).pipe(socket);
  }).listen(port, "127.0.0.1");
}
