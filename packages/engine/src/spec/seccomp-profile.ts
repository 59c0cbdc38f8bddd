import { defaultProfile, type SeccompProfile } from "@galley/seccomp";
import { wrapError } from "@galley/spec";
import type { CreateContainerOptions } from "../containers/options.ts";

/**
 * The profile that a container runs under; undefined for none. The schema of a user's profile is loaded only where there is one.
 *
 * @throws invalid seccomp.*, with the profile's path
 */
export async function seccompProfile({ security = {} }: CreateContainerOptions): Promise<SeccompProfile | undefined> {
  const choice = security.seccomp ?? (security.privileged ? "unconfined" : "default");
  if (choice === "unconfined") return undefined;
  if (choice === "default") return defaultProfile;
  const { parseProfile } = await import("@galley/seccomp/profile-schema");
  try {
    return parseProfile(choice.text);
  } catch (error) {
    throw wrapError(`seccomp profile ${choice.path}`, error);
  }
}
