import { openRemoteRegistry } from "../images/registry-access.ts";
import { authOptions, type LoginPlace, type LoginTarget } from "./login-place.ts";

/** A user's name and password. */
export interface LoginCredentials {
  readonly username: string;
  readonly password: string;
}

/**
 * Asks the registry whether it takes the credentials, and keeps them when it does. Says where: a file or a credential helper.
 *
 * @throws unauthorized registry.login-refused; unavailable when the registry does not answer; invalid for a file that cannot be used
 *
 * @example
 * await logIn(await loginTarget("quay.io"), { username: "team+robot", password });
 */
export async function logIn(
  target: LoginTarget,
  credentials: LoginCredentials,
  place: LoginPlace = {},
): Promise<string> {
  await checkLogin(target, credentials, place);
  const { saveCredentials } = await import("@galley/registry");
  const { path = "", helper } = await saveCredentials(await authOptions(place), target.key, credentials);
  return helper === undefined ? path : `credential helper: ${helper}`;
}

/**
 * Asks the registry whether it takes the credentials, and keeps nothing.
 *
 * @throws as logIn
 *
 * @example
 * await checkLogin(await loginTarget("quay.io"), { username: "me", password });
 */
export async function checkLogin(
  { domain }: LoginTarget,
  credentials: LoginCredentials,
  place: LoginPlace = {},
): Promise<void> {
  const { verifyLogin } = await import("@galley/registry");
  await using registry = await openRemoteRegistry(domain, { ...place, credentials });
  await verifyLogin(registry);
}
