import { type Engine, inspectContainer, inspectImage } from "@galley/engine";
import { galleyError, isGalleyError } from "@galley/spec";
import { openGalley } from "./compose.ts";
import { formatFlag, json } from "./output/format-flag.ts";
import { print } from "./output/print.ts";
import type { Places } from "./places.ts";

/** What `inspect` may be asked about. */
export type InspectType = "all" | "container" | "image";

/** Flags of everything that inspects; JSON is all there is. */
export const inspectFlags = {
  format: { ...formatFlag(), short: "f", help: "Print JSON, which is what happens anyway" },
};

/** Prints what is known, as one JSON list; what is not found is told after it. Containers come before images of the same name. */
export async function inspectAll(names: readonly string[], type: InspectType, places: Places): Promise<void> {
  using engine = openGalley(places);
  const found = names.map((name) => inspectOne(engine, name, type));
  await print(json(found.filter((each) => each !== undefined)));
  const missing = names.find((_, index) => found[index] === undefined);
  if (missing !== undefined)
    throw galleyError("not-found", "cli.no-such-object", `inspecting object: ${notFound(missing, type)}`);
}

function inspectOne(engine: Engine, name: string, type: InspectType): object | undefined {
  const container = type === "image" ? undefined : unlessMissing(() => inspectContainer(engine, name));
  return container ?? (type === "container" ? undefined : unlessMissing(() => inspectImage(engine, name)));
}

function unlessMissing(look: () => object): object | undefined {
  try {
    return look();
  } catch (error) {
    // What is no image's name may have been meant for a container.
    if (isGalleyError(error, "not-found") || isGalleyError(error, "invalid")) return undefined;
    throw error;
  }
}

function notFound(name: string, type: InspectType): string {
  if (type === "image") return `${name}: image not known`;
  return type === "container" ? `no such container ${name}` : `no such object: ${JSON.stringify(name)}`;
}
