import { writeLayer } from "@galley/image";
import type { Engine } from "../engine.ts";
import { containerRoot } from "../trees/tree-roots.ts";
import { walkRoot } from "../trees/walk-root.ts";
import { containerImage } from "./container-image.ts";
import { containerState } from "./container-state.ts";
import { findContainer } from "./find-container.ts";

/**
 * A container's files as one tar archive: image and writable layer together, without what is mounted over them. The same files give
 * the same bytes. One that runs is read as it is at each moment.
 *
 * @throws not-found engine.container-unknown; unavailable stage.walk-failed
 *
 * @example
 * await pipeline(exportContainer(engine, "web"), createWriteStream("web.tar"));
 */
export function exportContainer(
  engine: Engine,
  nameOrId: string,
  options: { readonly signal?: AbortSignal } = {},
): AsyncIterable<Uint8Array> {
  const record = findContainer(engine, nameOrId);
  const live = containerState(engine, record).process !== undefined;
  const root = containerRoot(engine, record, containerImage(engine, record));
  const walk = { title: `export container ${record.name}`, content: true, xattrs: true, live, ...options };
  return writeLayer(walkRoot(engine, root, walk), { as: "archive", live });
}
