import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import type { HttpRequest } from "./http.ts";
import type { Timeouts } from "./options.ts";
import { readBody } from "./read-body.ts";
import { timeoutError } from "./timeout-error.ts";
import { writeBody } from "./write-body.ts";

/** What came back: the head, and the body once it is asked for. */
export interface Answer {
  readonly message: IncomingMessage;
  body(map: (cause: unknown) => Error): AsyncIterable<Uint8Array>;
}

interface Means {
  readonly agent: Agent;
  readonly timeouts: Timeouts;
}

/** Whether a request failed because its connection, kept from an earlier one, was closed by then. */
export function isStale(cause: unknown): boolean {
  return typeof cause === "object" && cause !== null && stale.has(cause);
}

const stale = new WeakSet<object>();

/**
 * Sends one request and waits for the head of the answer. Throws what node:http throws, and `timeoutError`s: the
 * connection has `connectMs`, the answer `headersMs` from when all of the request is out, and a body's next bytes
 * `stallMs` whichever way they go. Waiting for our own side, a free connection or the body's source, counts nowhere.
 */
export async function sendMessage(request: HttpRequest, { agent, timeouts }: Means): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const outgoing = openMessage(request, agent);
  limitConnecting(outgoing, timeouts.connectMs);
  outgoing.once("response", resolve);
  // Stays on: what comes after the answer's head is told by the body's reader.
  outgoing.on("error", (error) => {
    if (outgoing.reusedSocket && "code" in error && (error.code === "ECONNRESET" || error.code === "EPIPE")) {
      stale.add(error);
    }
    reject(error);
  });
  const written = writeBody(outgoing, request.body, timeouts).catch((error: Error) => {
    // The source's own failure, or a registry that does not read.
    reject(error);
    outgoing.destroy(error);
  });
  let timer: NodeJS.Timeout | undefined;
  void written.then(() => {
    timer = setTimeout(() => outgoing.destroy(timeoutError("ANSWER_TIMEOUT")), timeouts.headersMs);
  });
  try {
    const message = await promise;
    return { message, body: (map) => readBody(message, { outgoing, stallMs: timeouts.stallMs, map }) };
  } finally {
    void written.then(() => clearTimeout(timer));
  }
}

function openMessage({ method, url, headers, signal }: HttpRequest, agent: Agent): ClientRequest {
  const options: RequestOptions = { agent, method, headers: { ...headers }, ...(signal && { signal }) };
  const module = url.protocol === "https:" ? "node:https" : "node:http";
  return (process.getBuiltinModule(module) as typeof import("node:http")).request(url, options);
}

function limitConnecting(outgoing: ClientRequest, connectMs: number): void {
  outgoing.once("socket", (socket) => {
    if (!socket.connecting) return;
    const timer = setTimeout(() => outgoing.destroy(timeoutError("CONNECT_TIMEOUT")), connectMs);
    const connected = "encrypted" in socket ? "secureConnect" : "connect";
    for (const event of [connected, "close"]) socket.once(event, () => clearTimeout(timer));
  });
}
