import type { Engine } from "../engine.ts";
import { type ContainerExit, type ContainerRecord, containerRecords } from "./container-record.ts";
import { type ContainerState, type ContainerStatus, containerState } from "./container-state.ts";
import { isLeftOverIn } from "./reclaim-containers.ts";

/** A container as a list shows it. */
export interface ContainerSummary {
  readonly id: string;
  readonly name: string;
  readonly imageName: string;
  readonly imageId: string;
  readonly command: readonly string[];
  readonly createdAtMs: number;
  readonly startedAtMs?: number;
  readonly status: ContainerStatus;
  readonly exit?: ContainerExit;
  /** Process 1 of the container, as the host numbers it. */
  readonly pid?: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly network: "none" | "host";
}

/**
 * All containers, the newest first; without `all` only those that run. One that was to be gone by now is not shown.
 *
 * @example
 * for (const { name, status } of listContainers(engine, { all: true })) console.log(name, status);
 */
export function listContainers(engine: Engine, options: { readonly all?: boolean } = {}): ContainerSummary[] {
  return containerRecords(engine)
    .list()
    .map(({ value }) => ({ record: value, state: containerState(engine, value) }))
    .filter(({ record, state }) => !isLeftOverIn(state.status, record))
    .map(({ record, state }) => summarize(record, state))
    .filter(({ status }) => options.all || status === "running")
    .sort((a, b) => b.createdAtMs - a.createdAtMs);
}

function summarize(record: ContainerRecord, state: ContainerState): ContainerSummary {
  return {
    id: record.id,
    name: record.name,
    imageName: record.imageName,
    imageId: record.imageId,
    command: record.command,
    createdAtMs: record.createdAtMs,
    status: state.status,
    ...(state.startedAtMs === undefined ? {} : { startedAtMs: state.startedAtMs }),
    ...(state.exit ? { exit: state.exit } : {}),
    ...(state.process ? { pid: state.process.child } : {}),
    labels: record.options.labels ?? {},
    network: record.options.network ?? "none",
  };
}
