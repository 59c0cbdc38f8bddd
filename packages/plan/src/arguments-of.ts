import { type OperationName, operations } from "./operations.ts";

/** An argument's name and its kind, without the question mark. */
export type NamedKind = readonly [name: string, kind: string];

const known = new Map<OperationName, readonly NamedKind[]>();

/** The arguments of an operation in the order of the table, which is the order of the encoding. */
export function argumentsOf(op: OperationName): readonly NamedKind[] {
  const found = known.get(op);
  if (found) return found;
  const kinds = Object.entries<string>(operations[op].arguments);
  const made = kinds.map(([name, kind]) => [name, kind.replace("?", "")] as const);
  known.set(op, made);
  return made;
}
