import { Readable } from "node:stream";
import { galleyError } from "@galley/spec";
import { Agent, type Dispatcher } from "undici";
import { connectionError } from "./connection-error.ts";
import { maxConnections, readAheadBytes } from "./limits.ts";
import { type RegistryOptions, timeoutsOf } from "./options.ts";
import { mayBeUnverified } from "./trust.ts";

export type Method = "GET" | "HEAD" | "POST" | "PUT" | "DELETE";

export interface HttpRequest {
  readonly method: Method;
  readonly url: URL;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string | AsyncIterable<Uint8Array>;
  readonly signal?: AbortSignal;
}

/** An answer. Its body must be read, dropped or destroyed. */
export interface Reply {
  readonly status: number;
  /** Where it came from, after redirects. */
  readonly url: URL;
  header(name: string): string | undefined;
  /** All of the body. Throws `corrupt` when it is longer. */
  bytes(maxBytes: number): Promise<Uint8Array>;
  /** The body as it comes. Leaving the loop early cuts the connection. */
  stream(): AsyncIterable<Uint8Array>;
  /** Frees the connection. */
  drop(): Promise<void>;
}

/** One request, one answer: no redirects, no retries. Throws `unavailable` when there is no answer. */
export interface Http {
  exchange(request: HttpRequest): Promise<Reply>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Connections that are kept open between requests until disposed of. */
export function createHttp(options: RegistryOptions): Http {
  const agents = new Map<boolean, Agent>();
  const agentFor = (url: URL): Agent => {
    const verify = !mayBeUnverified(url.hostname, options);
    const agent = agents.get(verify) ?? createAgent(options, verify);
    agents.set(verify, agent);
    return agent;
  };
  return {
    async exchange(request) {
      const { url, signal } = request;
      try {
        const answer = await agentFor(url).request(toDispatch(request, options));
        return replyOf(request, answer);
      } catch (cause) {
        throw connectionError(url.host, cause, signal);
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...agents.values()].map((agent) => agent.destroy()));
    },
  };
}

function createAgent(options: RegistryOptions, verify: boolean): Agent {
  const { connectMs, headersMs, stallMs } = timeoutsOf(options);
  return new Agent({
    // Parallel downloads are faster over connections of their own than over one that they share.
    allowH2: false,
    connections: maxConnections,
    connect: { timeout: connectMs, rejectUnauthorized: verify },
    headersTimeout: headersMs,
    bodyTimeout: stallMs,
  });
}

function toDispatch(request: HttpRequest, { userAgent = "galley" }: RegistryOptions): Dispatcher.RequestOptions {
  const { method, url, headers, body, signal } = request;
  return {
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    method,
    headers: { "user-agent": userAgent, ...headers },
    highWaterMark: readAheadBytes,
    ...(body !== undefined && { body: toBody(body) }),
    ...(signal && { signal }),
  };
}

function toBody(body: NonNullable<HttpRequest["body"]>): string | Uint8Array | Readable {
  if (typeof body === "string" || body instanceof Uint8Array) return body;
  return Readable.from(body, { objectMode: false });
}

function replyOf({ url, signal }: HttpRequest, { statusCode, headers, body }: Dispatcher.ResponseData): Reply {
  const stream = (): AsyncIterable<Uint8Array> => mapped(body, (cause) => connectionError(url.host, cause, signal));
  return {
    status: statusCode,
    url,
    header(name) {
      const value = headers[name];
      return Array.isArray(value) ? value.join(", ") : value;
    },
    stream,
    bytes: (maxBytes) => collect(stream(), maxBytes, url.host),
    // What is left of a long body is not worth reading for the sake of the connection.
    drop: () => body.dump({ limit: 64 * 1024 }).catch(() => undefined),
  };
}

async function* mapped(body: AsyncIterable<Uint8Array>, map: (cause: unknown) => Error): AsyncIterable<Uint8Array> {
  try {
    yield* body;
  } catch (cause) {
    throw map(cause);
  }
}

async function collect(stream: AsyncIterable<Uint8Array>, maxBytes: number, host: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const part of stream) {
    sizeBytes += part.byteLength;
    if (sizeBytes > maxBytes) {
      throw galleyError("corrupt", "registry.too-large", `registry ${host} answered with more than ${maxBytes} bytes`);
    }
    parts.push(part);
  }
  return Buffer.concat(parts);
}
