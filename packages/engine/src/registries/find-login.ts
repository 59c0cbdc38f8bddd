import type { Credentials } from "@galley/registry";
import { registriesConf } from "../images/registry-access.ts";
import { authOptions, type LoginPlace, type LoginTarget } from "./login-place.ts";

/**
 * The credentials that would be used for a registry, or for a part of it; undefined when there are none.
 *
 * @throws invalid for a file that cannot be used; unavailable when a credential helper fails
 *
 * @example
 * console.log((await findLogin(await loginTarget("quay.io")))?.username);
 */
export async function findLogin(
  { key, domain }: LoginTarget,
  place: LoginPlace = {},
): Promise<Credentials | undefined> {
  const { credentialsFromConf, findCredentials } = await import("@galley/registry");
  const options = await authOptions(place);
  const files = (registry: string, repository: string) => findCredentials(options, registry, repository);
  const lookup = credentialsFromConf(await registriesConf(place), { files, environment: process.env });
  return lookup(domain, key.slice(domain.length + 1));
}
