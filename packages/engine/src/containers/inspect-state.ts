import { engineVersion } from "../system/engine-version.ts";
import { cgroupPath } from "./container-cgroups.ts";
import type { ContainerRecord } from "./container-record.ts";
import type { ContainerState } from "./container-state.ts";

/** As Go writes a time that never was. */
const never = "0001-01-01T00:00:00Z";
const unseen = "the exit code is unknown: the keeper was killed or the host restarted";

/** A container's state as `inspect` tells it; an exit code that nobody saw is null, and `Error` says why. */
export function inspectState({ status, process, exit, startedAtMs }: ContainerState, { id }: ContainerRecord) {
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
    Error: ended && exit?.code === undefined ? unseen : "",
    StartedAt: timeText(startedAtMs),
    FinishedAt: timeText(exit?.finishedAtMs),
    Health: { Status: "", FailingStreak: 0, Log: null },
    CgroupPath: cgroupPath(id),
  };
}

function timeText(ms: number | undefined): string {
  return ms === undefined ? never : new Date(ms).toISOString();
}
