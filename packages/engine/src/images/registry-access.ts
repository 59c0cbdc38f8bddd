import type {
  CredentialLookup,
  Endpoint,
  RegistriesConf,
  Registry,
  RegistryOptions,
  Repository,
} from "@galley/registry";
import type { Reference } from "@galley/spec";

/** How to speak to a registry. */
export interface RegistryAccess {
  /** False: any certificate, and plain HTTP where HTTPS does not answer. Registries on loopback may be plain without it. */
  readonly tlsVerify?: boolean;
  /** The only file in which credentials are looked for. */
  readonly authFilePath?: string;
  /** The only credentials; no file is looked into. Mirrors do not get them. */
  readonly credentials?: { readonly username: string; readonly password: string };
  /** Whose `*.crt`, `*.cert` and `*.key` are for the registry, instead of the certs.d directories (containers-certs.d(5)). */
  readonly certificateDirectory?: string;
  /** How often a request is made before its failure counts, the first time included, and the first wait in between. */
  readonly retry?: { readonly attempts?: number; readonly delayMs?: number };
  /** Read instead of the usual registries.conf and its drop-ins (containers-registries.conf(5)). */
  readonly registriesConfPath?: string;
  /** Read instead of the usual policy.json (containers-policy.json(5)). */
  readonly signaturePolicyPath?: string;
}

/**
 * Opens a repository of a registry as registries.conf says: reads may go to mirrors, writes never do. The registry client is loaded
 * only by those who speak to a registry.
 *
 * @throws forbidden registry.blocked; invalid registry.bad-registries-conf, registry.bad-certificates
 */
export async function openRemote(
  reference: Reference,
  access: RegistryAccess & Pick<RegistryOptions, "mountFrom"> = {},
): Promise<Repository> {
  const { openMirrored } = await import("@galley/registry");
  const conf = await registriesConf(access);
  const { credentials, mountFrom, tlsVerify } = access;
  return openMirrored(reference, {
    conf,
    ...(mountFrom ? { mountFrom } : {}),
    credentials: await storedCredentials(conf, access),
    ...(tlsVerify === undefined ? {} : { tlsVerify }),
    retry: retryOptions(access),
    optionsFor: async (endpoint) => ({
      ...(await tlsOptions(endpoint, access)),
      ...(credentials && !endpoint.mirror ? { credentials: async () => credentials } : {}),
    }),
  });
}

/**
 * Opens a registry for what is not about one of its repositories, with the same configuration and credentials. Mirrors are not asked.
 *
 * @throws forbidden registry.blocked; invalid registry.bad-registries-conf, registry.bad-certificates
 */
export async function openRemoteRegistry(domain: string, access: RegistryAccess = {}): Promise<Registry> {
  const { findRegistry, openRegistry, refuseBlocked } = await import("@galley/registry");
  const conf = await registriesConf(access);
  const reference = { domain, repository: "" };
  refuseBlocked(conf, reference);
  const insecure = findRegistry(conf, reference)?.entry.insecure ?? false;
  const { credentials, tlsVerify = insecure ? false : undefined } = access;
  return openRegistry(domain, {
    credentials: credentials ? async () => credentials : await storedCredentials(conf, access),
    ...(tlsVerify === undefined ? {} : { tlsVerify }),
    retry: retryOptions(access),
    ...(await tlsOptions({ reference, insecure, mirror: false }, access)),
  });
}

/** What is configured about registries. */
export async function registriesConf({ registriesConfPath }: RegistryAccess): Promise<RegistriesConf> {
  const { readRegistriesConf } = await import("@galley/registry");
  return readRegistriesConf({
    environment: process.env,
    ...(registriesConfPath === undefined ? {} : { path: registriesConfPath }),
  });
}

function retryOptions({ retry: { attempts, delayMs } = {} }: RegistryAccess): NonNullable<RegistryOptions["retry"]> {
  return {
    ...(attempts === undefined ? {} : { attempts }),
    ...(delayMs === undefined ? {} : { baseDelayMs: delayMs }),
  };
}

async function tlsOptions(
  { reference }: Endpoint,
  { certificateDirectory: directory }: RegistryAccess,
): Promise<Pick<RegistryOptions, "tls">> {
  const { certificatesFor } = await import("@galley/registry");
  const found = await certificatesFor(reference.domain, {
    environment: process.env,
    ...(directory === undefined ? {} : { directory }),
  });
  return found ? { tls: found } : {};
}

async function storedCredentials(conf: RegistriesConf, access: RegistryAccess): Promise<CredentialLookup> {
  const { credentialsFromAuthFiles, credentialsFromConf, readTextFile } = await import("@galley/registry");
  const { authFilePath, credentials } = access;
  if (credentials) return async () => undefined;
  const files = credentialsFromAuthFiles({
    readFile: readTextFile,
    environment: process.env,
    ...(process.getuid ? { uid: process.getuid() } : {}),
    ...(authFilePath === undefined ? {} : { authFilePath }),
  });
  return credentialsFromConf(conf, { files, environment: process.env });
}
