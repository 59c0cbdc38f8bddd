/** A registry's user and password, `NAME:PASSWORD`. Colons after the first belong to the password. */
export function parseCredentials(given: string): { readonly username: string; readonly password: string } {
  const colon = given.indexOf(":");
  // Not repeating what was given: it is, or has, a secret.
  if (colon < 1) throw new Error("not a user name and a password, NAME:PASSWORD");
  return { username: given.slice(0, colon), password: given.slice(colon + 1) };
}
