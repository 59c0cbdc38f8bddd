import { galleyError } from "@galley/spec";
import type { Engine } from "../engine.ts";
import { findImageEntry } from "./find-image.ts";
import { imageRecords } from "./image-record.ts";
import { nameAmong } from "./name-among.ts";

/**
 * Takes names from an image, all of them unless some are given. The image stays, also without a name. Resolves to the names it
 * lost.
 *
 * @throws not-found engine.image-unknown, engine.name-unknown when it has not got a name, and then it keeps all
 *
 * @example
 * untagImage(engine, "alpine", ["localhost:5000/base:1"]);
 */
export function untagImage(engine: Engine, nameOrId: string, given: readonly string[] = []): readonly string[] {
  return engine.storage.records.transaction(
    () => {
      const { key, value, names } = findImageEntry(engine, nameOrId);
      const lost = given.length === 0 ? names : given.map((name) => nameAmong(name, names) ?? nameUnknown(name));
      imageRecords(engine).put(key, value, { names: names.filter((name) => !lost.includes(name)) });
      return [...new Set(lost)];
    },
    { durable: true, removes: true },
  );
}

function nameUnknown(name: string): never {
  throw galleyError("not-found", "engine.name-unknown", `${name}: tag not known`);
}
