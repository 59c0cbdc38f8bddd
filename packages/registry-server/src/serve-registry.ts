import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { wrapError } from "@galley/spec";
import { connectionIdleMs } from "./limits.ts";
import { createRegistryHandler, type RegistryOptions } from "./registry-handler.ts";

export type ServeRegistryOptions = RegistryOptions & {
  /** 127.0.0.1 when not given: a registry for others needs `authorize` and `tls`. */
  readonly host?: string;
  /** Any free port when not given. */
  readonly port?: number;
  /** PEM texts. Plain HTTP when not given. */
  readonly tls?: { readonly key: string; readonly cert: string };
};

/** A registry that listens until it is disposed of. */
export interface RegistryServer {
  /** `http://127.0.0.1:41234` */
  readonly url: string;
  /** `127.0.0.1:41234`, the domain of a reference. */
  readonly address: string;
  /** Cuts what is open. May be called twice. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Serves a store as an OCI registry (distribution-spec 1.1: pull, push, delete, tags, referrers).
 *
 * @example
 * await using registry = await serveRegistry({ store: createMemoryStore() });
 * console.log(`docker pull ${registry.address}/app:v1`);
 */
export async function serveRegistry(options: ServeRegistryOptions): Promise<RegistryServer> {
  const { host = "127.0.0.1", port = 0, tls } = options;
  const handler = createRegistryHandler(options);
  const listener: RequestListener = (request, response) => void handler.handle(request, response);
  // A big upload may take long; only a silent connection is cut.
  const limits = { requestTimeout: 0, keepAliveTimeout: connectionIdleMs };
  const server = tls ? createTlsServer({ ...tls, ...limits }, listener) : createServer(limits, listener);
  server.setTimeout(connectionIdleMs);
  await listen(server, host, port);
  const address = addressOf(server);
  return {
    url: `${tls ? "https" : "http"}://${address}`,
    address,
    async [Symbol.asyncDispose]() {
      await close(server);
      await handler[Symbol.asyncDispose]();
    },
  };
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  server.listen({ host, port });
  try {
    await once(server, "listening");
  } catch (cause) {
    throw wrapError(`listen on ${host} port ${port}`, cause);
  }
}

function addressOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return family === "IPv6" ? `[${address}]:${port}` : `${address}:${port}`;
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}
