import type { Reference } from "@galley/spec";

/** How to speak to a registry. */
export interface RegistryAccess {
  /** False: any certificate, and plain HTTP where HTTPS does not answer. Registries on loopback may be plain without it. */
  readonly tlsVerify?: boolean;
  /** The only file in which credentials are looked for. */
  readonly authFilePath?: string;
}

/** Opens a repository of a registry. The registry client is loaded only by those who speak to a registry. */
export async function openRemote(
  reference: Reference,
  access: RegistryAccess = {},
): Promise<import("@galley/registry").Repository> {
  const { credentialsFromAuthFiles, openRepository, readTextFile } = await import("@galley/registry");
  const credentials = credentialsFromAuthFiles({
    readFile: readTextFile,
    environment: process.env,
    ...(process.getuid ? { uid: process.getuid() } : {}),
    ...(access.authFilePath === undefined ? {} : { authFilePath: access.authFilePath }),
  });
  return openRepository(reference, {
    credentials,
    ...(access.tlsVerify === undefined ? {} : { tlsVerify: access.tlsVerify }),
  });
}
