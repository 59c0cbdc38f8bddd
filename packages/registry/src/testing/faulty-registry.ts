import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import {
  createMemoryStore,
  type RegistryServer,
  type ServeRegistryOptions,
  serveRegistry,
} from "@galley/registry-server";
import type { RegistryOptions } from "../options.ts";
import { openRepository, type Repository } from "../repository.ts";
import { pushImage, type TestImage } from "./image.ts";

/** Answers a request and says so, or leaves it alone. */
export type Fault = (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>;

/** A registry with one image in it, and a client; the fault begins after the image is there. */
export interface FaultyRegistry {
  readonly server: RegistryServer;
  readonly repository: Repository;
  readonly image: TestImage;
  readonly layerBytes: Buffer;
  /** Method and path of every request since the image is there. */
  readonly requests: string[];
  [Symbol.asyncDispose](): Promise<void>;
}

interface FaultyOptions {
  readonly fault?: Fault;
  readonly client?: RegistryOptions;
  readonly authorize?: ServeRegistryOptions["authorize"];
  readonly layerSizeBytes?: number;
}

/** Short waiting times, so that a test of failures does not take long. */
export const quick: RegistryOptions = {
  plainHttp: "always",
  retry: { attempts: 3, baseDelayMs: 1, maxDelayMs: 2 },
  timeouts: { connectMs: 2000, headersMs: 400, stallMs: 200 },
};

export async function faultyRegistry(options: FaultyOptions = {}): Promise<FaultyRegistry> {
  const requests: string[] = [];
  let ready = false;
  const server = await serveRegistry({
    store: createMemoryStore(),
    intercept: (request, response) => {
      if (!ready) return false;
      requests.push(`${request.method} ${request.url}`);
      return options.fault?.(request, response) ?? false;
    },
    authorize: (access) => (ready ? (options.authorize?.(access) ?? "allow") : "allow"),
  });
  const layerBytes = randomBytes(options.layerSizeBytes ?? 300_000);
  const maker = openRepository(`${server.address}/team/app`, quick);
  const image = await pushImage(maker, layerBytes);
  await maker[Symbol.asyncDispose]();
  const repository = openRepository(`${server.address}/team/app`, { ...quick, ...options.client });
  ready = true;
  return {
    server,
    repository,
    image,
    layerBytes,
    requests,
    async [Symbol.asyncDispose]() {
      await repository[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** A fault for the first so many requests of a method whose path matches. */
export function times(count: number, path: RegExp, fault: Fault): Fault {
  let left = count;
  return (request, response) => {
    if (!path.test(`${request.method} ${request.url}`) || left === 0) return false;
    left--;
    return fault(request, response);
  };
}

/** Answers with a status and nothing more. */
export function status(code: number, headers: Readonly<Record<string, string>> = {}, body = ""): Fault {
  return (_, response) => {
    response.writeHead(code, headers).end(body);
    return true;
  };
}
