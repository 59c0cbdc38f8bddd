import type { Engine } from "../engine.ts";
import { engineVersion } from "../system/engine-version.ts";
import { containerPlaces, fileNames } from "./container-places.ts";
import type { ContainerRecord } from "./container-record.ts";
import { type ContainerState, containerState } from "./container-state.ts";
import { cgroupPath } from "./container-cgroups.ts";
import { findContainer } from "./find-container.ts";
import { containerHostname } from "../spec/container-spec.ts";

/** As Go writes a time that never was. */
const never = "0001-01-01T00:00:00Z";

/**
 * Everything about a container, named as podman's `container inspect` names it. An exit code that nobody saw is null, never 0.
 *
 * @throws not-found engine.container-unknown
 */
export function inspectContainer(engine: Engine, nameOrId: string): object {
  const record = findContainer(engine, nameOrId);
  const places = containerPlaces(engine, record.id);
  const [path = "", ...args] = record.command;
  return {
    Id: record.id,
    Created: new Date(record.createdAtMs).toISOString(),
    Path: path,
    Args: args,
    State: stateOf(containerState(engine, record), record),
    Image: record.imageId,
    ImageName: record.imageName,
    Name: record.name,
    Mounts: mountsOf(record),
    LogPath: `${places.keepDirectory}/${fileNames.log}`,
    OCIRuntime: "galley-runtime",
    Driver: "overlay",
    Config: configOf(record),
    HostConfig: hostConfigOf(record),
  };
}

function stateOf({ status, process, exit, startedAtMs }: ContainerState, { id }: ContainerRecord): object {
  const ended = status === "exited";
  return {
    OciVersion: engineVersion.ociRuntimeSpec,
    Status: status,
    Running: status === "running",
    Paused: false,
    Restarting: false,
    OOMKilled: exit?.outOfMemory ?? false,
    Dead: false,
    Pid: process?.child ?? 0,
    ConmonPid: process?.keeper ?? 0,
    ExitCode: ended ? (exit?.code ?? null) : 0,
    Error: ended && exit?.code === undefined ? "the exit code is unknown: the keeper was killed or the host restarted" : "",
    StartedAt: timeText(startedAtMs),
    FinishedAt: timeText(exit?.finishedAtMs),
    CgroupPath: cgroupPath(id),
  };
}

function timeText(ms: number | undefined): string {
  return ms === undefined ? never : new Date(ms).toISOString();
}

function mountsOf({ options }: ContainerRecord): object[] {
  const binds = (options.files?.binds ?? []).map((mount) => ({
    Type: "bind",
    Source: mount.hostPath,
    Destination: mount.containerPath,
    Options: mount.options,
    RW: !mount.options.includes("ro"),
  }));
  const tmpfs = (options.files?.tmpfs ?? []).map((mount) => ({
    Type: "tmpfs",
    Source: "",
    Destination: mount.containerPath,
    Options: mount.options,
    RW: true,
  }));
  return [...binds, ...tmpfs];
}

function configOf(record: ContainerRecord): object {
  const { options } = record;
  return {
    Hostname: containerHostname(record),
    User: options.process?.user ?? "",
    Tty: options.process?.terminal ?? false,
    OpenStdin: options.process?.openStdin ?? false,
    Env: Object.entries(options.process?.environment ?? {}).map(([name, value]) => `${name}=${value}`),
    Cmd: record.command,
    Image: record.imageName,
    WorkingDir: options.process?.workingDirectory ?? "",
    Labels: options.labels ?? {},
    StopSignal: options.life?.stopSignal ?? "",
    StopTimeout: options.life?.stopTimeoutS ?? 10,
  };
}

function hostConfigOf({ options }: ContainerRecord): object {
  const { resources = {}, security = {}, life = {} } = options;
  return {
    AutoRemove: life.autoRemove ?? false,
    NetworkMode: options.network ?? "none",
    Privileged: security.privileged ?? false,
    ReadonlyRootfs: options.files?.readOnlyRoot ?? false,
    CapAdd: security.addCapabilities ?? [],
    CapDrop: security.dropCapabilities ?? [],
    Init: options.process?.init ?? false,
    Memory: resources.memoryBytes ?? 0,
    MemorySwap: resources.memorySwapBytes ?? 0,
    NanoCpus: Math.round((resources.cpus ?? 0) * 1e9),
    PidsLimit: resources.pidsLimit ?? 0,
    Ulimits: (resources.ulimits ?? []).map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard })),
  };
}
