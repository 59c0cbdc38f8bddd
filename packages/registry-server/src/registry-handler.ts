import type { IncomingMessage, ServerResponse } from "node:http";
import { isRepositoryName } from "@galley/spec";
import type { Exchange } from "./exchange.ts";
import { defaultMaxBlobBytes } from "./limits.ts";
import { refusalOf, refuse } from "./refusal.ts";
import { type Action, type Match, matchRoute } from "./routes.ts";
import type { ReadableStore, RegistryStore } from "./store.ts";
import { discardUpload, type Uploads } from "./uploads.ts";

/** A client that wants to do something; the repository is empty for the question whether this is a registry, and for its catalog. */
export interface AccessRequest {
  readonly action: Action;
  readonly repository: string;
  readonly headers: IncomingMessage["headers"];
}

/** `challenge` is sent as WWW-Authenticate with status 401: `Basic realm="x"`. */
export type Verdict = "allow" | "deny" | { readonly challenge: string };

interface CommonOptions {
  /** Asked before anything else; everything is allowed without it. */
  readonly authorize?: (access: AccessRequest) => Verdict | Promise<Verdict>;
  /** Sees every request first; true means that it has answered, or will. For tests that need a fault. */
  readonly intercept?: (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>;
  readonly maxBlobBytes?: number;
}

/** A read-only server needs only the reading half of a store. */
export type RegistryOptions = CommonOptions &
  (
    | { readonly store: RegistryStore; readonly readOnly?: boolean }
    | { readonly store: ReadableStore; readonly readOnly: true }
  );

/** A registry without a server of its own. */
export interface RegistryHandler {
  /** Answers one request; never rejects. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Discards the uploads that are still open. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * The registry's side of OCI distribution-spec 1.1 as a request handler, for an HTTP server that exists already.
 *
 * @example
 * const registry = createRegistryHandler({ store: createMemoryStore() });
 * createServer((request, response) => void registry.handle(request, response)).listen(5000);
 */
export function createRegistryHandler(options: RegistryOptions): RegistryHandler {
  const uploads: Uploads = new Map();
  return {
    async handle(request, response) {
      try {
        if (await options.intercept?.(request, response)) return;
        response.setHeader("docker-distribution-api-version", "registry/2.0");
        await dispatch(options, uploads, { request, response });
      } catch (error) {
        sendRefusal(response, error);
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...uploads.values()].map((upload) => discardUpload(uploads, upload)));
    },
  };
}

type Message = Pick<Exchange, "request" | "response">;

async function dispatch(options: RegistryOptions, uploads: Uploads, message: Message): Promise<void> {
  const url = new URL(message.request.url ?? "/", "http://registry");
  const match = matchRoute(decodePath(url.pathname), message.request.method ?? "");
  if (!match) throw refuse("NAME_UNKNOWN", "no such path");
  const { repository, subject } = match;
  const { headers } = message.request;
  await authorize(options, { action: match.endpoint?.action ?? "pull", repository, headers });
  await openEndpoint(options, match).handler({
    ...message,
    repository,
    subject,
    uploads,
    query: url.searchParams,
    store: options.store,
    maxBlobBytes: options.maxBlobBytes ?? defaultMaxBlobBytes,
    mayPull: async (other) => (await verdictOn(options, { action: "pull", repository: other, headers })) === "allow",
  });
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw refuse("NAME_INVALID", "malformed path");
  }
}

async function verdictOn(options: RegistryOptions, access: AccessRequest): Promise<Verdict> {
  return (await options.authorize?.(access)) ?? "allow";
}

async function authorize(options: RegistryOptions, access: AccessRequest): Promise<void> {
  const verdict = await verdictOn(options, access);
  if (verdict === "deny") throw refuse("DENIED", "requested access to the resource is denied");
  if (verdict === "allow") return;
  throw refuse("UNAUTHORIZED", "authentication required", { headers: { "www-authenticate": verdict.challenge } });
}

function openEndpoint(options: RegistryOptions, match: Match): NonNullable<Match["endpoint"]> {
  const { endpoint, repository } = match;
  if (!endpoint || (options.readOnly && endpoint.action !== "pull" && endpoint.action !== "catalog")) {
    throw refuse("UNSUPPORTED", "the operation is unsupported", { headers: { allow: match.allowed.join(", ") } });
  }
  if (repository !== "" && !isRepositoryName(repository)) {
    throw refuse("NAME_INVALID", "invalid repository name", { detail: { name: repository.slice(0, 300) } });
  }
  return endpoint;
}

function sendRefusal(response: ServerResponse, error: unknown): void {
  // Half an answer is out: a cut connection is the only way left to say that it is not whole.
  if (response.headersSent || response.destroyed) return void response.destroy();
  const { status, headers, body } = refusalOf(error);
  const length = Buffer.byteLength(body);
  response.writeHead(status, { ...headers, "content-type": "application/json", "content-length": length }).end(body);
}
