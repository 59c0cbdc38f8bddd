import type { ClientRequest } from "node:http";
import type { HttpRequest } from "./http.ts";
import type { Timeouts } from "./options.ts";
import { timeoutError } from "./timeout-error.ts";

/**
 * Writes a request's body as fast as the connection takes it, and closes it. Leaves a stream early, without an error,
 * when the answer or a failure comes first. Throws what the stream throws, and `STALLED`.
 */
export async function writeBody(
  outgoing: ClientRequest,
  body: HttpRequest["body"],
  { stallMs }: Pick<Timeouts, "stallMs">,
): Promise<void> {
  if (body === undefined || typeof body === "string" || body instanceof Uint8Array) return void outgoing.end(body);
  let over = false;
  const stop = (): void => {
    over = true;
  };
  for (const event of ["response", "error", "close"]) outgoing.once(event, stop);
  // Without waiting for the first bytes, which may take long.
  outgoing.flushHeaders();
  for await (const bytes of body) {
    if (over) return;
    if (!outgoing.write(bytes)) await drained(outgoing, stallMs);
    if (over) return;
  }
  outgoing.end();
}

const endings = ["drain", "response", "error", "close"] as const;

function drained(outgoing: ClientRequest, stallMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => settle(() => reject(timeoutError("STALLED"))), stallMs);
    const settle = (how: () => void): void => {
      clearTimeout(timer);
      for (const event of endings) outgoing.off(event, finish);
      how();
    };
    const finish = (): void => settle(resolve);
    for (const event of endings) outgoing.on(event, finish);
  });
}
