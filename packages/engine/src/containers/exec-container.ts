import { type Attachment, type AttachOptions, attach } from "@galley/keeper";
import { type ExecLaunch, launchExec } from "@galley/runtime";
import { galleyError, type ProcessSpec } from "@galley/spec";
import type { Engine } from "../engine.ts";
import { bootId, specHost } from "../host.ts";
import { makeHostDirectory, removeHostPath } from "../host-files.ts";
import { type ImageRecord, imageRecords } from "../images/image-record.ts";
import { containerSpec } from "../spec/container-spec.ts";
import { containerCapabilities } from "../spec/process-spec.ts";
import { seccompProfile } from "../spec/seccomp-profile.ts";
import { type Identity, resolveUser } from "./accounts.ts";
import { containerCgroups } from "./container-cgroups.ts";
import { containerPlaces, fileNames } from "./container-places.ts";
import type { ContainerRecord } from "./container-record.ts";
import { containerState } from "./container-state.ts";
import { findContainer } from "./find-container.ts";
import { generatedFiles } from "./generated-files.ts";
import { randomHex } from "./random-hex.ts";
import { readAccounts } from "./read-accounts.ts";
import { bindRootSteps } from "./running-root.ts";

/** What to run in a running container, and how to be connected to it. */
export interface ExecOptions {
  readonly command: readonly string[];
  /** Added to the container's environment. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly workingDirectory?: string;
  readonly user?: string;
  readonly terminal?: boolean;
  readonly openStdin?: boolean;
  readonly privileged?: boolean;
  /** Stay connected from the first byte of output on. */
  readonly attach?: AttachOptions;
  readonly size?: { readonly rows: number; readonly columns: number };
  readonly signal?: AbortSignal;
}

/** A process that was started in a container. */
export interface StartedExec {
  /** 64 hex digits. */
  readonly id: string;
  readonly pid: number;
  readonly attachment?: Attachment;
  /** To be called once the attachment's `exited` has settled: returns the exit code and removes what the session left. */
  finish(): Promise<number | undefined>;
}

/**
 * Runs one more process in a running container.
 *
 * @throws not-found engine.container-unknown, runtime.command-not-found; conflict engine.container-not-running;
 *   forbidden runtime.not-executable
 */
export async function execInContainer(engine: Engine, nameOrId: string, options: ExecOptions): Promise<StartedExec> {
  const record = findContainer(engine, nameOrId);
  const { process } = containerState(engine, record);
  if (!process) throw notRunning(record);
  const id = randomHex(32);
  const directory = `${containerPlaces(engine, record.id).runDirectory}/exec-${id.slice(0, 16)}`;
  const image = imageRecords(engine).get(record.imageId)?.value;
  if (!image) throw galleyError("not-found", "engine.image-unknown", `the image of container ${record.name} is gone`);
  makeHostDirectory(directory);
  try {
    const accounts = await readAccounts((out) => bindRootSteps(process, out), engine.ports.perform);
    const target = { pid: process.child, startTicks: process.childStart };
    const launch = await describe(engine, record, { image, accounts, target, directory, id }, options);
    const launched = await launchExec(launch, engine.ports.perform, options.signal ? { signal: options.signal } : {});
    const attachment = launched.client && attach(launched.client, options.attach);
    const finish = async (): Promise<number | undefined> => {
      const exit = await attachment?.exited.catch(() => undefined);
      await attachment?.acknowledge();
      attachment?.close();
      removeHostPath(directory);
      return exit?.code;
    };
    return { id, pid: launched.pid, ...(attachment ? { attachment } : {}), finish };
  } catch (cause) {
    removeHostPath(directory);
    throw cause;
  }
}

interface Circumstances {
  readonly image: ImageRecord;
  readonly accounts: ImageRecord["accounts"];
  readonly target: ExecLaunch["target"];
  readonly directory: string;
  readonly id: string;
}

async function describe(
  engine: Engine,
  record: ContainerRecord,
  now: Circumstances,
  options: ExecOptions,
): Promise<ExecLaunch> {
  const containerUser = record.options.process?.user ?? now.image.execution.User ?? "";
  const identity = resolveUser(options.user ?? containerUser, now.accounts);
  const host = specHost();
  const spec = containerSpec({
    record,
    image: now.image,
    identity,
    files: generatedFiles(engine, record),
    seccompProfile: await seccompProfile(record.options),
    host,
  });
  const seccomp = options.privileged ? undefined : spec.linux?.seccomp;
  const names = (spec.linux?.namespaces ?? []).map(({ type }) => type);
  return {
    title: `exec in container ${record.name}`,
    target: now.target,
    namespaces: names,
    cgroups: containerCgroups(record.id),
    process: execProcess(spec.process as ProcessSpec, record, identity, options),
    ...(seccomp ? { seccomp } : {}),
    architecture: host.architecture,
    keeper: {
      programPath: engine.ports.keeperPath(),
      runDirectory: now.directory,
      keepDirectory: now.directory,
      stamp: `${bootId()} ${now.id}`,
      names: { pid: fileNames.pid, exit: fileNames.exit, socket: fileNames.socket },
      attached: options.attach !== undefined,
      stdinOnce: options.attach !== undefined,
    },
    openStdin: options.openStdin ?? false,
    ...(options.size ? { size: options.size } : {}),
  };
}

function execProcess(
  container: ProcessSpec,
  record: ContainerRecord,
  identity: Identity,
  options: ExecOptions,
): ProcessSpec {
  const given = Object.entries(options.environment ?? {}).map(([name, value]) => `${name}=${value}`);
  const home = options.user === undefined ? [] : [`HOME=${identity.home}`];
  const security = options.privileged ? { privileged: true } : (record.options.security ?? {});
  return {
    ...container,
    terminal: options.terminal ?? false,
    args: options.command,
    env: mergeEnvironment([...(container.env ?? []), ...home, ...given]),
    cwd: options.workingDirectory ?? container.cwd,
    capabilities: containerCapabilities(security, identity, specHost().capabilities),
  };
}

/** Of several values for a name the last one counts. */
function mergeEnvironment(entries: readonly string[]): string[] {
  return [...new Map(entries.map((entry) => [entry.split("=", 1)[0], entry])).values()];
}

function notRunning(record: ContainerRecord): Error {
  const message = "can only create exec sessions on running containers: container state improper";
  return galleyError("conflict", "engine.container-not-running", message, { details: { id: record.id } });
}
