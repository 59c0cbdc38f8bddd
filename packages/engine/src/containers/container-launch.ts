import type { Slot, Step } from "@galley/plan";
import type { ContainerLaunch, KeeperLaunch } from "@galley/runtime";
import { rootMount, rootMountSteps } from "@galley/storage";
import type { Engine } from "../engine.ts";
import { cgroupLayout, hostPathKind, kernelVersion, specHost } from "../host.ts";
import type { Accounts, ImageRecord } from "../images/image-record.ts";
import { mountedRoot } from "../mounts/mounted-root.ts";
import { containerSpec } from "../spec/container-spec.ts";
import { seccompProfile } from "../spec/seccomp-profile.ts";
import { resolveUser } from "./accounts.ts";
import { sourceKind } from "./check-options.ts";
import { containerPlaces, fileNames } from "./container-places.ts";
import type { ContainerRecord } from "./container-record.ts";
import { generatedFiles } from "./generated-files.ts";

/** What differs between starts of one container. */
export interface LaunchCircumstances {
  readonly stamp: string;
  readonly attached: boolean;
  readonly rows?: number;
  readonly columns?: number;
  /** The container's user and group files as they are now. */
  readonly accounts: Accounts;
}

/** A container's launch as data: nothing is performed, nothing written. */
export async function containerLaunch(
  engine: Engine,
  record: ContainerRecord,
  image: ImageRecord,
  now: LaunchCircumstances,
): Promise<ContainerLaunch> {
  const cgroups = cgroupLayout();
  const { options } = record;
  const host = specHost();
  const files = generatedFiles(engine, record);
  const own = new Set(Object.values(files)); // written just before the start
  const identity = resolveUser(options.process?.user ?? image.execution.User ?? "", now.accounts);
  return {
    id: record.id,
    spec: containerSpec({ record, image, identity, files, seccompProfile: await seccompProfile(options), host }),
    architecture: host.architecture,
    mountRoot: startRoot(engine, record, image),
    sourceKind: (hostPath) => (own.has(hostPath) ? "file" : sourceKind(hostPath)),
    kindOf: hostPathKind,
    cgroups,
    keeper: containerKeeper(engine, record, now),
    openStdin: options.process?.openStdin ?? false,
    ...(now.rows === undefined || now.columns === undefined ? {} : { size: { rows: now.rows, columns: now.columns } }),
  };
}

/** What a container is started on: a mount that somebody has of it on the host already, or else a new one. */
export function startRoot(engine: Engine, record: ContainerRecord, image: ImageRecord): (out: Slot) => readonly Step[] {
  return mountedRoot(engine, record.id) ?? ((out) => mountRoot(engine, record, image, out));
}

/** The steps that stack an image's layers and the container's own into a detached mount. */
export function mountRoot(engine: Engine, record: ContainerRecord, image: ImageRecord, out: Slot): Step[] {
  const { layers, containers } = engine.storage;
  const tree = containers.tree(record.id);
  const mount = rootMount({
    lower: image.layers.map(({ chainId }) => layers.treePath(chainId)),
    empty: layers.emptyPaths,
    writable: { upper: tree.upper, work: tree.work },
    kernel: kernelVersion(),
  });
  const label = record.labels?.mount ? [`context=${record.labels.mount}`] : [];
  return rootMountSteps({ ...mount, options: [...mount.options, ...label] }, { out, linkDirectory: tree.links });
}

function containerKeeper(engine: Engine, record: ContainerRecord, now: LaunchCircumstances): KeeperLaunch {
  const places = containerPlaces(engine, record.id);
  const cleanup = record.options.life?.autoRemove ? engine.ports.cleanupCommand?.(record.id) : undefined;
  return {
    programPath: engine.ports.keeperPath(),
    runDirectory: places.runDirectory,
    keepDirectory: places.keepDirectory,
    stamp: now.stamp,
    names: fileNames,
    attached: now.attached,
    stdinOnce: now.attached,
    ...(cleanup ? { afterwards: cleanup } : {}),
  };
}
