import { authOptions, type LoginPlace, type LoginTarget } from "./login-place.ts";

/**
 * Forgets the login that `logIn` has kept under the same name. False when there was none; a login of another program's file is not
 * touched.
 *
 * @throws invalid for a file that cannot be used; unavailable when a credential helper fails
 *
 * @example
 * if (!(await logOut(await loginTarget("quay.io")))) console.log("not logged in");
 */
export async function logOut({ key }: LoginTarget, place: LoginPlace = {}): Promise<boolean> {
  const { forgetCredentials } = await import("@galley/registry");
  return forgetCredentials(await authOptions(place), key);
}

/**
 * Forgets all logins that `logIn` may have kept there.
 *
 * @throws as logOut
 *
 * @example
 * await logOutOfAll({ authFilePath: "/tmp/auth.json" });
 */
export async function logOutOfAll(place: LoginPlace = {}): Promise<void> {
  const { forgetAllCredentials } = await import("@galley/registry");
  await forgetAllCredentials(await authOptions(place));
}
