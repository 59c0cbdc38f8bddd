import { posix } from "node:path";
import { galleyError } from "@galley/spec";

/** An image in the `manifest.json` of `docker save`'s archive. */
export interface DockerArchiveEntry {
  /** The name of its configuration in the archive; any name is allowed. */
  readonly config: string;
  readonly repoTags: readonly string[];
  /** Names of its layers, lowest first. */
  readonly layers: readonly string[];
}

/** Reads `manifest.json`; throws corrupt `image.docker-archive`, not-found when there is none. */
export function parseDockerArchiveEntries(bytes: Uint8Array | undefined): DockerArchiveEntry[] {
  if (!bytes) throw galleyError("not-found", "image.no-index", "the archive has no manifest.json");
  const list = parseJson(bytes);
  if (!Array.isArray(list)) throw bad("no list of images");
  return list.map(entryOf);
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw bad("not JSON", cause);
  }
}

function entryOf(value: unknown): DockerArchiveEntry {
  const { Config, RepoTags, Layers } = (value ?? {}) as Record<string, unknown>;
  if (typeof Config !== "string" || Config === "") throw bad("an image without Config");
  return {
    config: posix.normalize(Config),
    repoTags: strings(RepoTags ?? [], "RepoTags"),
    layers: strings(Layers ?? [], "Layers").map((name) => posix.normalize(name)),
  };
}

function strings(value: unknown, member: string): string[] {
  if (!Array.isArray(value) || !value.every((each) => typeof each === "string"))
    throw bad(`${member} is no list of names`);
  return value;
}

function bad(why: string, cause?: unknown) {
  return galleyError("corrupt", "image.docker-archive", `bad manifest.json of a docker archive: ${why}`, { cause });
}
