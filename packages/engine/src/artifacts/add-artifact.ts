import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { createArtifact } from "@galley/image";
import { type Digest, formatReference, galleyError } from "@galley/spec";
import type { Engine } from "../engine.ts";
import { systemError } from "../system-error.ts";
import { artifactRecords } from "./artifact-record.ts";
import { artifactName } from "./find-artifact.ts";
import { storeArtifact } from "./store-artifact.ts";

/** How to add. */
export interface AddArtifactOptions {
  /** The artifact's media type; of one that is appended to it stays. */
  readonly type?: string | undefined;
  /** Of each file. */
  readonly fileType?: string | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  /** Put the files behind those of the artifact that has the name. */
  readonly append?: boolean | undefined;
  /** Take the place of the artifact that has the name. */
  readonly replace?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

const defaultType = "application/vnd.unknown.artifact.v1";

/**
 * Makes an artifact of files of this host, called by their base names, and resolves to its digest.
 *
 * @throws conflict engine.artifact-exists; not-found for a file; invalid engine.artifact-name, engine.artifact-file
 *
 * @example
 * await addArtifact(engine, "registry.example.test/team/sbom:1", ["/srv/sbom.json"], { type: "application/spdx+json" });
 */
export async function addArtifact(
  engine: Engine,
  name: string,
  hostPaths: readonly string[],
  options: AddArtifactOptions = {},
): Promise<Digest> {
  const reference = artifactName(name);
  const known = artifactRecords(engine).getByName(formatReference(reference));
  if (options.append && !known)
    throw galleyError("not-found", "engine.artifact-unknown", `${name}: artifact does not exist`);
  if (known && !options.append && !options.replace)
    throw galleyError("conflict", "engine.artifact-exists", `${name}: artifact already exists`);
  for (const hostPath of hostPaths) await checkFile(hostPath);
  const { signal, annotations, fileType } = options;
  const waits = signal ? { signal } : {};
  const { descriptor, content } = await createArtifact({
    artifactType: options.type ?? (options.append ? undefined : defaultType),
    files: hostPaths.map((hostPath) => ({
      title: basename(hostPath),
      mediaType: fileType,
      content: () => createReadStream(hostPath, { highWaterMark: 256 * 1024, ...waits }),
    })),
    annotations,
    ...(options.append && known ? { append: { root: known.value.manifest, from: engine.storage.content } } : {}),
    ...waits,
  });
  return storeArtifact(engine, { content, root: descriptor }, { reference, signal });
}

async function checkFile(hostPath: string): Promise<void> {
  const found = await stat(hostPath).catch((error: unknown) => {
    throw systemError(`add ${hostPath} to an artifact`, error);
  });
  if (!found.isFile()) throw galleyError("invalid", "engine.artifact-file", `${hostPath}: not a regular file`);
}
