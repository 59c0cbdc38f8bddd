import type { RegistryServer } from "@galley/registry-server";
import type { Engine } from "../engine.ts";
import { registryStore } from "./registry-store.ts";

/** How to serve. */
export interface ServeImagesOptions {
  /** The address to listen on: 127.0.0.1 when left out, so that nobody else is served. */
  readonly host?: string;
  /** Any free one when left out. */
  readonly port?: number;
  /** Text of a htpasswd(1) file, bcrypt only: who may read. Everyone when left out. */
  readonly htpasswd?: string;
  /** PEM texts. Plain HTTP when left out. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

/**
 * Serves the engine's images to other machines, as a registry that gives and never takes, until disposed of. What is pulled, built or
 * removed meanwhile shows at once.
 *
 * @throws invalid registry-server.bad-htpasswd; internal when the port is taken
 *
 * @example
 * await using server = await serveImages(engine, { port: 5000 });
 * console.log(`podman pull ${server.address}/library/alpine`);
 */
export async function serveImages(engine: Engine, options: ServeImagesOptions = {}): Promise<RegistryServer> {
  const { htpasswdAccess, serveRegistry } = await import("@galley/registry-server");
  const { htpasswd, host, port, tls } = options;
  return serveRegistry({
    store: registryStore(engine),
    readOnly: true,
    ...(htpasswd === undefined ? {} : { authorize: htpasswdAccess(htpasswd) }),
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(tls === undefined ? {} : { tls }),
  });
}
