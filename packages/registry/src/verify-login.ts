import { type ContentOptions, galleyError, isGalleyError } from "@galley/spec";
import type { Registry } from "./registry.ts";

/**
 * Finds out whether a registry takes the credentials that it was opened with. One that shows its front page to everyone
 * takes any.
 *
 * @throws unauthorized registry.login-refused; what {@link Registry.check} throws when the registry does not answer
 *
 * @example
 * await using registry = openRegistry("quay.io", { credentials: async () => ({ username: "team+robot", password }) });
 * await verifyLogin(registry);
 */
export async function verifyLogin(registry: Registry, options: ContentOptions = {}): Promise<void> {
  try {
    await registry.check(options);
  } catch (cause) {
    if (!isRefusal(cause)) throw cause;
    const message = `logging into ${JSON.stringify(registry.domain)}: invalid username/password`;
    throw galleyError("unauthorized", "registry.login-refused", message, { cause });
  }
}

/** A token service may say 403 for what it does not know. */
function isRefusal(cause: unknown): boolean {
  return isGalleyError(cause) && (cause.code === "registry.unauthorized" || cause.code === "registry.denied");
}
