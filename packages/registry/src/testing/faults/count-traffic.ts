import type { IncomingMessage, ServerResponse } from "node:http";

/** One request as the registry saw it. */
export interface Traffic {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  /** Bytes of bodies, either way. */
  receivedBytes: number;
  sentBytes: number;
}

/** Counts what passes from now on, whoever answers. */
export function countTraffic(request: IncomingMessage, response: ServerResponse): Traffic {
  const traffic: Traffic = {
    method: request.method ?? "",
    path: request.url ?? "",
    headers: request.headers,
    receivedBytes: 0,
    sentBytes: 0,
  };
  const iterator = request.iterator.bind(request);
  request.iterator = async function* (options): AsyncGenerator<Uint8Array, undefined> {
    for await (const bytes of iterator(options)) {
      traffic.receivedBytes += bytes.byteLength;
      yield bytes;
    }
    return undefined;
  };
  const count = (piece: unknown): void => {
    if (piece instanceof Uint8Array || typeof piece === "string") traffic.sentBytes += Buffer.byteLength(piece);
  };
  const { write, end } = response;
  response.write = ((...given: Parameters<typeof write>) => {
    count(given[0]);
    return write.apply(response, given);
  }) as typeof write;
  response.end = ((...given: Parameters<typeof end>) => {
    count(given[0]);
    return end.apply(response, given);
  }) as typeof end;
  return traffic;
}
