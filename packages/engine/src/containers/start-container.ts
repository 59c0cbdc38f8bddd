import { type Attachment, type AttachOptions, attach, type ExitRecord } from "@galley/keeper";
import { type ContainerLaunch, type Launched, launchContainer } from "@galley/runtime";
import { galleyError, isGalleyError } from "@galley/spec";
import type { Engine } from "../engine.ts";
import { bootId, ownIdentity } from "../host.ts";
import { makeHostDirectory, removeHostPath } from "../host-files.ts";
import { ensureLayers } from "../images/ensure-layers.ts";
import type { ImageRecord } from "../images/image-record.ts";
import { containerImage } from "./container-image.ts";
import { containerLaunch, startRoot } from "./container-launch.ts";
import { containerPlaces, fileNames } from "./container-places.ts";
import { type ContainerExit, type ContainerRecord, type ContainerStart, containerRecords } from "./container-record.ts";
import { containerState, exitOf } from "./container-state.ts";
import { recordContainer } from "./create-container.ts";
import { clearRun, eraseContainer } from "./erase-container.ts";
import { findContainer } from "./find-container.ts";
import { writeGeneratedFiles } from "./generated-files.ts";
import { newContainer } from "./new-container.ts";
import type { CreateContainerOptions } from "./options.ts";
import { randomHex } from "./random-hex.ts";
import { readAccounts } from "./read-accounts.ts";

/** How to start. */
export interface StartOptions {
  /** Stay connected from the first byte of output on; `onOutput` gets it. */
  readonly attach?: AttachOptions;
  /** A terminal's size at the start. */
  readonly size?: { readonly rows: number; readonly columns: number };
  readonly signal?: AbortSignal;
}

/** A container that was started. */
export interface StartedContainer {
  readonly id: string;
  readonly name: string;
  /** Process 1 of the container, as the host numbers it. */
  readonly pid: number;
  /** The connection, where one was asked for. */
  readonly attachment?: Attachment;
  /**
   * To be called once the attachment's `exited` has settled: books the end, and removes the container if it was to be removed.
   * Without it the next command finds all that itself.
   */
  finish(): Promise<ContainerExit>;
}

/**
 * Creates and starts a container in one go. When the start fails, the container stays created, unless it was to be removed.
 *
 * @example
 * const c = await runContainer(engine, { image: "alpine", process: { command: ["echo", "hi"] } }, { attach: { onOutput } });
 * await c.attachment.exited;
 * const { code } = await c.finish();
 */
export async function runContainer(
  engine: Engine,
  options: CreateContainerOptions,
  start: StartOptions = {},
): Promise<StartedContainer> {
  const { record, image } = newContainer(engine, options);
  engine.ports.perform.prepare?.(); // the program starts while the plan is made
  const launching = { ...record, start: newStart() };
  const launch = await describe(engine, launching, image, start, image.accounts);
  const recorded = await recordContainer(engine, launching);
  const named =
    recorded.name === launching.name ? launch : await describe(engine, recorded, image, start, image.accounts);
  return perform(engine, recorded, image, start, async () => named);
}

/**
 * Starts a container that is created or has ended.
 *
 * @throws not-found engine.container-unknown; conflict engine.container-running, engine.container-busy;
 *   not-found runtime.command-not-found; forbidden runtime.not-executable
 */
export async function startContainer(
  engine: Engine,
  nameOrId: string,
  start: StartOptions = {},
): Promise<StartedContainer> {
  const found = findContainer(engine, nameOrId);
  const image = containerImage(engine, found);
  const record = claim(engine, found);
  return perform(engine, record, image, start, async () => {
    const accounts = await readAccounts(startRoot(engine, record, image), engine.ports.perform);
    return describe(engine, record, image, start, accounts);
  });
}

function newStart(): ContainerStart {
  return { stamp: `${bootId()} ${randomHex(8)}`, startedAtMs: Date.now(), starter: ownIdentity() };
}

function describe(
  engine: Engine,
  record: ContainerRecord,
  image: ImageRecord,
  start: StartOptions,
  accounts: ImageRecord["accounts"],
): Promise<ContainerLaunch> {
  return containerLaunch(engine, record, image, {
    stamp: record.start?.stamp ?? "",
    attached: start.attach !== undefined,
    accounts,
    ...start.size,
  });
}

/** Takes the right to start, which only one process at a time gets. */
function claim(engine: Engine, found: ContainerRecord): ContainerRecord {
  const records = containerRecords(engine);
  const entry = records.get(found.id);
  if (!entry) throw galleyError("not-found", "engine.container-unknown", `container ${found.name} is gone`);
  if (entry.value.removing)
    throw galleyError("conflict", "engine.container-removing", `container ${found.name} is being removed`);
  const { status } = containerState(engine, entry.value);
  if (status === "running")
    throw galleyError("conflict", "engine.container-running", `container ${found.name} is running already`);
  if (status === "starting") throw busy(found.name);
  const { exit: _, ...rest } = entry.value;
  try {
    return records.put(found.id, { ...rest, start: newStart() }, { ifVersion: entry.version }).value;
  } catch (error) {
    throw isGalleyError(error, "conflict") ? busy(found.name) : error;
  }
}

function busy(name: string): Error {
  return galleyError("conflict", "engine.container-busy", `container ${name} is being started by another process`);
}

async function perform(
  engine: Engine,
  record: ContainerRecord,
  image: ImageRecord,
  start: StartOptions,
  makeLaunch: () => Promise<ContainerLaunch>,
): Promise<StartedContainer> {
  try {
    await makePlaces(engine, record, image);
    const launch = await makeLaunch();
    const launched = await launchContainer(launch, engine.ports.perform, start.signal ? { signal: start.signal } : {});
    if (start.attach && record.options.life?.autoRemove) engine.ports.perform.prepare?.(); // for the removal
    return started(engine, record, launched, start);
  } catch (cause) {
    await undo(engine, record).catch(() => {}); // the next command finds what is left; the cause is what counts
    throw cause;
  }
}

async function makePlaces(engine: Engine, record: ContainerRecord, image: ImageRecord): Promise<void> {
  const places = containerPlaces(engine, record.id);
  await ensureLayers(engine, image.layers);
  await engine.storage.containers.prepare(record.id, topLayer(image));
  makeHostDirectory(places.runDirectory);
  removeHostPath(`${places.keepDirectory}/${fileNames.exit}`);
  writeGeneratedFiles(engine, record);
}

function topLayer(image: ImageRecord): { readonly topLayer?: NonNullable<ImageRecord["layers"][number]>["chainId"] } {
  const top = image.layers.at(-1);
  return top ? { topLayer: top.chainId } : {};
}

function started(engine: Engine, record: ContainerRecord, launched: Launched, start: StartOptions): StartedContainer {
  const attachment = launched.client && attach(launched.client, start.attach);
  const common = { id: record.id, name: record.name, pid: launched.pid };
  if (!attachment) return { ...common, finish: () => finish(engine, record) };
  return {
    ...common,
    attachment,
    finish: async () => {
      const exit = await attachment.exited.catch(() => undefined);
      await attachment.acknowledge();
      attachment.close();
      return finish(engine, record, exit);
    },
  };
}

async function finish(engine: Engine, record: ContainerRecord, seen?: ExitRecord): Promise<ContainerExit> {
  const state = seen ? undefined : containerState(engine, record);
  const exit = seen ? exitOf(seen) : (state?.exit ?? { outOfMemory: false });
  if (state?.status === "running") return exit; // its keeper was killed, it runs on
  if (record.options.life?.autoRemove) await eraseContainer(engine, record);
  else bookExit(engine, record, exit);
  return exit;
}

/** Writes an end into the record, unless it has been started again since. */
export function bookExit(engine: Engine, record: ContainerRecord, exit: ContainerExit): void {
  containerRecords(engine).update(record.id, (now) =>
    now.start?.stamp === record.start?.stamp ? { ...now, exit } : now,
  );
}

async function undo(engine: Engine, record: ContainerRecord): Promise<void> {
  if (record.options.life?.autoRemove) return eraseContainer(engine, record);
  clearRun(engine, record.id);
  containerRecords(engine).update(record.id, ({ start: _, ...rest }) => rest);
}
