import { stat } from "node:fs/promises";
import { join } from "node:path";
import { verified } from "@galley/image";
import { type Descriptor, galleyError } from "@galley/spec";
import type { Engine } from "../engine.ts";
import { writeFileWhole } from "../images/places/write-file-whole.ts";
import { findArtifact } from "./find-artifact.ts";

/** Which of an artifact's files; all when neither is given. */
export interface ExtractArtifactOptions {
  readonly digest?: string | undefined;
  readonly title?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes files of an artifact to this host: into a directory under their titles, or one file to any path. A title is what the
 * artifact's maker says, so it is taken only if it is a plain name. Resolves to the paths.
 *
 * @throws not-found engine.artifact-unknown, engine.artifact-file; invalid engine.artifact-title, engine.artifact-target
 *
 * @example
 * await extractArtifact(engine, "registry.example.test/team/sbom:1", "/srv/out");
 */
export async function extractArtifact(
  engine: Engine,
  name: string,
  target: string,
  options: ExtractArtifactOptions = {},
): Promise<string[]> {
  const { value } = findArtifact(engine, name);
  const files = chosen(value.files, name, options);
  const intoDirectory = (await stat(target).catch(() => undefined))?.isDirectory() ?? false;
  if (!intoDirectory && files.length > 1)
    throw galleyError(
      "invalid",
      "engine.artifact-target",
      `${target}: the artifact has several files, and that is no directory`,
    );
  const places = files.map((file) => ({ file, hostPath: intoDirectory ? join(target, fileName(file)) : target }));
  await using lease = await engine.storage.leases.take();
  await lease.add(...value.blobs);
  for (const { file, hostPath } of places) {
    const waits = options.signal ? { signal: options.signal } : {};
    await writeFileWhole(hostPath, verified(file, await engine.storage.content.fetch(file, waits)));
  }
  return places.map(({ hostPath }) => hostPath);
}

const titleKey = "org.opencontainers.image.title";

function chosen(
  files: readonly Descriptor[],
  name: string,
  { digest, title }: ExtractArtifactOptions,
): readonly Descriptor[] {
  if (digest !== undefined && title !== undefined)
    throw galleyError("invalid", "engine.artifact-file", "a file is chosen by its digest or its title, not by both");
  const found = files.filter(
    (file) =>
      (digest === undefined || file.digest.startsWith(digest) || file.digest.startsWith(`sha256:${digest}`)) &&
      (title === undefined || file.annotations?.[titleKey] === title),
  );
  if (found.length > 0 || (digest === undefined && title === undefined)) return found;
  throw galleyError("not-found", "engine.artifact-file", `${name} has no file ${title ?? digest}`);
}

function fileName(file: Descriptor): string {
  const title = file.annotations?.[titleKey] ?? file.digest.replace(":", "-");
  if (title !== "" && title !== "." && title !== ".." && !/[/\0]/.test(title)) return title;
  const message = `${JSON.stringify(title)} is not a plain file name: extract it alone, to a path of your own`;
  throw galleyError("invalid", "engine.artifact-title", message);
}
