import { authFilesHelper } from "../auth-files.ts";
import { openCredentialHelper } from "../credential-helper.ts";
import type { CredentialLookup } from "../options.ts";
import type { RegistriesConf } from "./registries-conf.ts";

export interface ConfCredentialOptions {
  /** What the auth files say. */
  readonly files: CredentialLookup;
  /** Of the helpers, which are found in its `PATH`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Looks credentials up in the stores that the configuration lists, in its order; in the auth files when it lists none.
 *
 * @example
 * const credentials = credentialsFromConf(conf, { files: credentialsFromAuthFiles(options), environment: process.env });
 */
export function credentialsFromConf(
  conf: RegistriesConf,
  { files, environment }: ConfCredentialOptions,
): CredentialLookup {
  if (conf.credentialHelpers.length === 0) return files;
  return async (domain, repository) => {
    for (const name of conf.credentialHelpers) {
      const lookup = name === authFilesHelper ? files : () => openCredentialHelper(name, { environment }).get(domain);
      const found = await lookup(domain, repository);
      if (found) return found;
    }
    return undefined;
  };
}
