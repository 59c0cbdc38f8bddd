import type { ErrorKind } from "@galley/spec";
import type { RegistryOptions } from "../../options.ts";
import type { Fault, World } from "./world.ts";

/** What one fault does in one direction, and what must come of it. */
export interface FaultCase {
  /** Made anew for each run, so that counters begin at zero. */
  readonly fault: () => Fault;
  /** The transfer succeeds all the same, or fails like this. */
  readonly outcome: "succeeds" | { readonly kind: ErrorKind; readonly code: string; readonly message?: RegExp };
  /** Whether the bytes before the fault need not be sent again. */
  readonly resumes?: boolean;
  readonly client?: RegistryOptions;
  /** Instead of the registry's own. */
  readonly address?: (world: World) => string | Promise<string>;
  readonly tls?: "untrusted" | "expired";
}

/** One way in which a registry, or what is before it, goes wrong. */
export interface FaultKind {
  readonly name: string;
  readonly pull?: FaultCase;
  readonly push?: FaultCase;
}

/** What always has to come of a fault that passes. */
export const succeeds = "succeeds" as const;
