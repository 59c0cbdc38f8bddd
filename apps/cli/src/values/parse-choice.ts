import { badValue, notYet } from "../flags/usage-error.ts";

export type PullPolicy = "always" | "missing" | "never" | "newer";

/** When to ask the registry for an image. */
export function parsePullPolicy(given: string): PullPolicy {
  const policies: readonly string[] = ["always", "missing", "never", "newer"];
  if (!policies.includes(given)) throw badValue(`unsupported pull policy ${JSON.stringify(given)}`);
  return given as PullPolicy;
}

/** A container's network: none at all, or the host's. */
export function parseNetwork(given: string): "none" | "host" {
  if (given === "none" || given === "host") return given;
  throw notYet(`network ${JSON.stringify(given)} is not supported yet: it can be none or host`);
}
