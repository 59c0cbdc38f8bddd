import type { RuntimeSpec } from "@galley/spec";
import { runtimeSpecSchema } from "@galley/spec/schemas";

/** The parts of a JSON schema that say how a document is built. */
interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly additionalProperties?: Node | boolean;
}

/** Every field of a runtime specification that holds a value: `process.user.uid`, `mounts[].options[]`, `linux.sysctl`. */
export function specFields(): string[] {
  return leaves(runtimeSpecSchema.toJSONSchema() as Node, "");
}

function leaves(node: Node, path: string): string[] {
  const { properties, items, additionalProperties: values } = node;
  if (properties)
    return Object.entries(properties).flatMap(([name, each]) => leaves(each, path ? `${path}.${name}` : name));
  if (items) return leaves(items, `${path}[]`);
  return typeof values === "object" && values.properties ? leaves(values, `${path}.*`) : [path];
}

/** A copy of a specification with another value in one field; of a list its first item, of a map its member `x`. */
export function withField(spec: RuntimeSpec, path: string, value: unknown): RuntimeSpec {
  const keys = path.replaceAll("[]", ".0").replace("*", "x").split(".");
  return changed(spec, keys, value) as RuntimeSpec;
}

function changed(node: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  if (key === "0") {
    const [first, ...others] = (node ?? []) as readonly unknown[];
    return [changed(first, rest, value), ...others];
  }
  const object = (node ?? {}) as Readonly<Record<string, unknown>>;
  return { ...object, [key]: changed(object[key], rest, value) };
}
