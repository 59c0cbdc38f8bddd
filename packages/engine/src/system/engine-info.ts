import { cpus, freemem, hostname, release, totalmem, uptime } from "node:os";
import { platformOf } from "@galley/spec";
import { hostKeepsLabels } from "../containers/container-labels.ts";
import { containerRecords } from "../containers/container-record.ts";
import { containerState } from "../containers/container-state.ts";
import type { Engine } from "../engine.ts";
import { cgroupLayout } from "../host.ts";
import { imageRecords } from "../images/image-record.ts";
import { engineVersion } from "./engine-version.ts";

/** What the engine knows of the host, of its store and of itself; names as podman's `info` has them. */
export function engineInfo(engine: Engine): object {
  return { host: hostInfo(), store: storeInfo(engine), version: { Version: engineVersion.version, OsArch: osArch() } };
}

function hostInfo(): object {
  const layout = cgroupLayout();
  return {
    arch: platformOf(process.arch).architecture,
    cgroupControllers: [...new Set([...layout.legacy.flatMap(({ controllers }) => controllers), ...(layout.unified?.controllers ?? [])])].sort(),
    cgroupManager: "cgroupfs",
    cgroupVersion: layout.mode,
    cpus: cpus().length,
    hostname: hostname(),
    kernel: release(),
    memFree: freemem(),
    memTotal: totalmem(),
    os: process.platform,
    ociRuntime: { name: "galley-runtime", version: engineVersion.ociRuntimeSpec },
    security: {
      rootless: process.getuid?.() !== 0,
      seccompEnabled: true,
      selinuxEnabled: hostKeepsLabels(),
    },
    uptimeS: Math.floor(uptime()),
  };
}

function storeInfo(engine: Engine): object {
  const states = containerRecords(engine)
    .list()
    .map(({ value }) => containerState(engine, value).status);
  const running = states.filter((status) => status === "running").length;
  return {
    containerStore: { number: states.length, paused: 0, running, stopped: states.length - running },
    graphDriverName: "overlay",
    graphRoot: engine.places.root,
    imageStore: { number: imageRecords(engine).list().length },
    runRoot: engine.places.runroot,
  };
}

function osArch(): string {
  return `${process.platform}/${platformOf(process.arch).architecture}`;
}
