import type { IncomingMessage, ServerResponse } from "node:http";
import { type Digest, isDigest } from "@galley/spec";
import { refuse } from "./refusal.ts";
import type { ReadableStore, RegistryStore } from "./store.ts";
import type { Uploads } from "./uploads.ts";

/** One request on its way through a handler. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  readonly repository: string;
  /** The last part of the path: a digest, a tag or an upload. */
  readonly subject: string;
  readonly store: ReadableStore;
  readonly uploads: Uploads;
  readonly maxBlobBytes: number;
  /** Whether the client may also read another repository, to mount from it. */
  mayPull(repository: string): Promise<boolean>;
}

export type Handler = (exchange: Exchange) => Promise<void>;

/** The store with its writing half; routes that write are closed on a server that only reads. */
export function writable(exchange: Exchange): RegistryStore {
  return exchange.store as RegistryStore;
}

/** The subject as a digest. */
export function subjectDigest(exchange: Exchange): Digest {
  return checkedDigest(exchange.subject);
}

/** A digest that the client has sent. */
export function checkedDigest(text: string): Digest {
  if (isDigest(text)) return text;
  throw refuse("DIGEST_INVALID", "not a sha256 or sha512 digest", { detail: { digest: text.slice(0, 200) } });
}

/** Ends the exchange without a body. */
export function answer(exchange: Exchange, status: number, headers: Readonly<Record<string, string | number>>): void {
  exchange.response.writeHead(status, { "content-length": 0, ...headers }).end();
}

/** Ends the exchange with a JSON document. */
export function answerJson(exchange: Exchange, value: unknown, headers: Readonly<Record<string, string>> = {}): void {
  const body = Buffer.from(JSON.stringify(value));
  const all = { "content-type": "application/json", "content-length": body.byteLength, ...headers };
  exchange.response.writeHead(200, all).end(body);
}
