import { type LogLine, readLog } from "@galley/keeper";
import { isGalleyError } from "@galley/spec";
import type { Engine } from "../engine.ts";
import { containerPlaces, fileNames } from "./container-places.ts";
import { type ContainerRecord, containerRecords } from "./container-record.ts";
import { containerState } from "./container-state.ts";
import { findContainer } from "./find-container.ts";

/** Which lines of a log. */
export interface LogOptions {
  /** Go on until the container has ended and its last line is read. */
  readonly follow?: boolean;
  /** The last so many lines. */
  readonly tail?: number;
  readonly sinceMs?: number;
  readonly untilMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * A container's log, line by line. One that was never started has none.
 *
 * @throws not-found engine.container-unknown; cancelled
 *
 * @example
 * for await (const { bytes } of readContainerLogs(engine, "web", { tail: 10 })) console.log(Buffer.from(bytes).toString());
 */
export async function* readContainerLogs(
  engine: Engine,
  nameOrId: string,
  options: LogOptions = {},
): AsyncIterable<LogLine> {
  const record = findContainer(engine, nameOrId);
  const path = `${containerPlaces(engine, record.id).keepDirectory}/${fileNames.log}`;
  try {
    yield* readLog(path, { ...options, finished: () => hasEnded(engine, record) });
  } catch (error) {
    if (!isGalleyError(error, "not-found")) throw error;
  }
}

function hasEnded(engine: Engine, record: ContainerRecord): boolean {
  const now = containerRecords(engine).get(record.id)?.value;
  if (!now) return true;
  const { status } = containerState(engine, now);
  return status === "exited" || status === "created";
}
