import { galleyError } from "@galley/spec";

/** Refuses a field of the specification that has a value: nothing is ever ignored in silence. */
export function refuse(field: string, value: unknown): void {
  if (!value) return;
  throw galleyError("unsupported", "runtime.unsupported-field", `${field} of the specification is not supported yet`, {
    details: { field },
  });
}
