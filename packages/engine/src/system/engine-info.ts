import { containerRecords } from "../containers/container-record.ts";
import { containerState } from "../containers/container-state.ts";
import type { Engine } from "../engine.ts";
import { imageRecords } from "../images/image-record.ts";
import { diskSpace } from "./disk-space.ts";
import { engineVersion } from "./engine-version.ts";
import { hostArchitecture, hostInfo } from "./host-info.ts";

/** What `engineInfo` tells: JSON in podman's words. */
export type EngineInfo = ReturnType<typeof engineInfo>;

/**
 * What the engine knows of the host, of its store and of itself; names as podman's `info` has them.
 *
 * @example
 * const { host, store } = engineInfo(engine);
 * console.log(host.cgroupVersion, store.containerStore.running);
 */
export function engineInfo(engine: Engine) {
  return { host: hostInfo(), store: storeInfo(engine), version: versionInfo() };
}

function storeInfo(engine: Engine) {
  const { root, runroot } = engine.places;
  return {
    containerStore: containerCounts(engine),
    graphDriverName: "overlay",
    graphOptions: {},
    graphRoot: root,
    ...diskSpace(root),
    imageStore: { number: imageRecords(engine).list().length },
    runRoot: runroot,
  };
}

/** As in podman, what is created and does not run counts as stopped. */
function containerCounts(engine: Engine) {
  const states = containerRecords(engine)
    .list()
    .map(({ value }) => containerState(engine, value).status);
  const running = states.filter((status) => status === "running" || status === "starting").length;
  return { number: states.length, paused: 0, running, stopped: states.length - running };
}

function versionInfo() {
  const { platform, version } = process;
  const osArch = `${platform}/${hostArchitecture()}`;
  return {
    APIVersion: engineVersion.version,
    Version: engineVersion.version,
    NodeVersion: version,
    Os: platform,
    OsArch: osArch,
  };
}
