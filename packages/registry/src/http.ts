import { type Agents, createAgents } from "./agents.ts";
import { connectionError, isUnknownAuthority } from "./connection-error.ts";
import { type RegistryOptions, type Timeouts, timeoutsOf } from "./options.ts";
import { type Answer, isStale, sendMessage } from "./send-message.ts";
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
 * 50 ms to load where this takes 3, and is no faster afterwards. A client's certificate is shown to the registry `host`
 * only; authorities count for the token service and the like, too.
 */
export function createHttp(options: RegistryOptions, host: string): Http {
  const agents = createAgents(options, host);
  const timeouts = timeoutsOf(options);
  return {
    exchange: (request) => exchange(request, { agents, timeouts, options }),
    [Symbol.asyncDispose]: async () => agents.close(),
  };
}

interface Means {
  readonly agents: Agents;
  readonly timeouts: Timeouts;
  readonly options: RegistryOptions;
}

async function exchange(request: HttpRequest, { agents, timeouts, options }: Means): Promise<Reply> {
  const headers = { "user-agent": options.userAgent ?? "galley", ...request.headers };
  for (;;) {
    try {
      const agent = agents.agentFor(request.url);
      return replyOf(request, await sendMessage({ ...request, headers }, { agent, timeouts }));
    } catch (cause) {
      // A kept connection that the other side has closed meanwhile says nothing about the registry.
      if (isStale(cause) && isRepeatable(request)) continue;
      if (isUnknownAuthority(cause) && isRepeatable(request) && agents.trustThisMachine()) continue;
      throw connectionError(request.url.host, cause, request.signal);
    }
  }
}

/** Whether a request can be sent again as it is. */
export function isRepeatable({ body }: HttpRequest): boolean {
  return body === undefined || typeof body === "string" || body instanceof Uint8Array;
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
