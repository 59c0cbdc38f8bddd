import type { PidRecord } from "@galley/keeper";
import { lane, mark, type Slot, type Step, slot, stepper } from "@galley/plan";
import type { Digest } from "@galley/spec";
import { rootMount, rootMountSteps } from "@galley/storage";
import { mountRoot } from "../containers/container-launch.ts";
import type { ContainerRecord } from "../containers/container-record.ts";
import { containerState } from "../containers/container-state.ts";
import type { Engine } from "../engine.ts";
import { kernelVersion } from "../host.ts";
import { hostStatus } from "../host-files.ts";
import { ensureLayers } from "../images/ensure-layers.ts";
import type { ImageRecord } from "../images/image-record.ts";
import { imageRootSteps } from "../images/image-root.ts";
import { mountedRoot } from "../mounts/mounted-root.ts";
import type { RootMaker, RootSteps } from "./walk-root.ts";

const step = stepper("engine");

/** All layers of an image, or its lowest ones. */
export function imageRoot(engine: Engine, layers: ImageRecord["layers"]): RootMaker {
  return async (out) => {
    await ensureLayers(engine, layers);
    return imageRootSteps(engine, layers, out);
  };
}

/** One layer's own tree, with overlay's marks. */
export function layerRoot(engine: Engine, chainId: Digest): RootSteps {
  return directoryRoot(engine.storage.layers.treePath(chainId));
}

/** What a container has written, with overlay's marks; undefined for one that was never started. */
export function upperRoot(engine: Engine, { id }: ContainerRecord): RootSteps | undefined {
  const { upper } = engine.storage.containers.tree(id);
  return hostStatus(upper) && directoryRoot(upper);
}

/** A directory of ours as it is. */
export function directoryRoot(path: string): RootSteps {
  const flags = ["read", "directory", "noFollow"] as const;
  return (out) => [step("open", { path, flags, out }, "open the tree")];
}

/**
 * A container's files as it sees them, without what is mounted over them. Of a running one it is a copy of its own mount: an upper
 * layer must not be in use twice. Otherwise what it has written is stacked on the image like one more layer, read-only.
 */
export function containerRoot(engine: Engine, record: ContainerRecord, image: ImageRecord): RootMaker {
  const shared = sharedRoot(engine, record);
  if (shared) return shared;
  const { layers, containers } = engine.storage;
  const { upper, links } = containers.tree(record.id);
  if (!hostStatus(upper)) return imageRoot(engine, image.layers);
  const lower = [...image.layers.map(({ chainId }) => layers.treePath(chainId)), upper];
  const mount = rootMount({ lower, empty: layers.emptyPaths, kernel: kernelVersion() });
  return async (out) => {
    await ensureLayers(engine, image.layers);
    return rootMountSteps(mount, { out, linkDirectory: `${links}-read` });
  };
}

/** A container's files, to be written to: those that it runs on, or will run on. */
export function writableRoot(engine: Engine, record: ContainerRecord, image: ImageRecord): RootSteps {
  return sharedRoot(engine, record) ?? ((out) => mountRoot(engine, record, image, out));
}

/** A copy of the one mount that there is of a container's writable layer: where it runs, or where somebody has it mounted. */
function sharedRoot(engine: Engine, record: ContainerRecord): RootSteps | undefined {
  const { process } = containerState(engine, record);
  return process ? (out) => runningRootSteps(process, out) : mountedRoot(engine, record.id);
}

/** A lane of its own goes into the container's mount namespace and hands the root out; nothing is executed in there. */
function runningRootSteps({ child, childStart }: PidRecord, out: Slot): Step[] {
  const [process, root] = [slot("container"), slot("its root")];
  const there = mark("root");
  const inside = lane("inside", [
    step("openProcess", { pid: child, startTicks: childStart, out: process }, "hold process 1 of the container"),
    step("setns", { target: process, namespaces: ["mount"] }, "join its mount namespace"),
    step("openTree", { path: "/", out: root }, "copy the mount of its root, without others over it"),
    step("tell", { mark: there, slot: root }, "hand it out"),
  ]);
  return [
    step("clone", { lane: inside, namespaces: [] }, "send somebody into the container"),
    step("await", { mark: there, slot: out }, "take its root"),
    step("finished", { lane: inside }, "see that all went well"),
  ];
}
