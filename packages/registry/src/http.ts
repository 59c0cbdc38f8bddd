import type { Agent as HttpAgent } from "node:http";
import type { Agent as HttpsAgent } from "node:https";
import { connectionError } from "./connection-error.ts";
import { maxSockets } from "./limits.ts";
import { type RegistryOptions, type Timeouts, timeoutsOf } from "./options.ts";
import { type Answer, isStale, sendMessage } from "./send-message.ts";
import { mayBeUnverified } from "./trust.ts";
import { wholeBody } from "./whole-body.ts";

export type Method = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface HttpRequest {
  readonly method: Method;
  readonly url: URL;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** A stream is read once, and left early when the answer comes early. */
  readonly body?: Uint8Array | string | AsyncIterable<Uint8Array>;
  readonly signal?: AbortSignal;
}

/** An answer. Its body must be read, dropped or left. */
export interface Reply {
  readonly status: number;
  /** Where it came from, after redirects. */
  readonly url: URL;
  header(name: string): string | undefined;
  /** All of the body. Throws `corrupt` when it is longer. */
  bytes(maxBytes: number): Promise<Uint8Array>;
  /** The body as it comes. Leaving the loop early cuts the connection. */
  stream(): AsyncIterable<Uint8Array>;
  /** A refusal that a new token may turn: it was found while the request's body could not be sent again. */
  readonly renewed?: boolean;
  /** Frees the connection. */
  drop(): Promise<void>;
}

/** One request, one answer: no redirects, no retries. Throws `unavailable` when there is no answer. */
export interface Http {
  exchange(request: HttpRequest): Promise<Reply>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Connections that are kept open between requests until disposed of. By Node's own client: undici as a package takes
 * 50 ms to load where this takes 3, and is no faster afterwards.
 */
export function createHttp(options: RegistryOptions): Http {
  const agents = new Map<string, HttpAgent>();
  const timeouts = timeoutsOf(options);
  const agentFor = (url: URL): HttpAgent => {
    const verify = !mayBeUnverified(url.hostname, options);
    const key = url.protocol === "https:" ? `https ${verify}` : "http";
    const agent = agents.get(key) ?? createAgent(url, options, verify);
    agents.set(key, agent);
    return agent;
  };
  return {
    exchange: (request) => exchange(request, { agent: agentFor(request.url), timeouts, options }),
    async [Symbol.asyncDispose]() {
      for (const agent of agents.values()) agent.destroy();
    },
  };
}

interface Means {
  readonly agent: HttpAgent;
  readonly timeouts: Timeouts;
  readonly options: RegistryOptions;
}

async function exchange(request: HttpRequest, { agent, timeouts, options }: Means): Promise<Reply> {
  const headers = { "user-agent": options.userAgent ?? "galley", ...request.headers };
  for (;;) {
    try {
      return replyOf(request, await sendMessage({ ...request, headers }, { agent, timeouts }));
    } catch (cause) {
      // A kept connection that the other side has closed meanwhile says nothing about the registry.
      if (isStale(cause) && isRepeatable(request)) continue;
      throw connectionError(request.url.host, cause, request.signal);
    }
  }
}

/** Whether a request can be sent again as it is. */
export function isRepeatable({ body }: HttpRequest): boolean {
  return body === undefined || typeof body === "string" || body instanceof Uint8Array;
}

function createAgent(url: URL, options: RegistryOptions, verify: boolean): HttpAgent {
  const pool = { keepAlive: true, maxSockets, maxFreeSockets: maxSockets };
  // Not by import statements: those evaluate all lazy parts of node:http, for 20 ms.
  if (url.protocol !== "https:") return new (process.getBuiltinModule("node:http").Agent)(pool);
  const { Agent } = process.getBuiltinModule("node:https") as { readonly Agent: typeof HttpsAgent };
  const { ca, ...client } = options.tls ?? {};
  return new Agent({ ...pool, ...client, ...(ca && { ca: withUsual(ca) }), rejectUnauthorized: verify });
}

function withUsual(authorities: readonly string[]): string[] {
  return [...process.getBuiltinModule("node:tls").getCACertificates("default"), ...authorities];
}

function replyOf({ url, signal }: HttpRequest, { message, body }: Answer): Reply {
  const stream = (): AsyncIterable<Uint8Array> => body((cause) => connectionError(url.host, cause, signal));
  return {
    status: message.statusCode ?? 0,
    url,
    header(name) {
      const value = message.headers[name];
      return Array.isArray(value) ? value.join(", ") : value;
    },
    stream,
    bytes: (maxBytes) => wholeBody(stream(), maxBytes, url.host),
    async drop() {
      // What is left of a long body is not worth reading for the sake of the connection.
      await wholeBody(stream(), 64 * 1024, url.host).catch(() => undefined);
    },
  };
}
