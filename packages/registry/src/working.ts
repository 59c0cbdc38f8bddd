import { type ContentOptions, galleyError } from "@galley/spec";
import type { Session } from "./session.ts";

/** An abort reaches us in many shapes; it leaves in one. */
export async function working<T>(session: Session, { signal }: ContentOptions, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!signal?.aborted) throw error;
    throw galleyError("cancelled", "cancelled", `registry ${session.domain}: cancelled`, { cause: error });
  }
}
