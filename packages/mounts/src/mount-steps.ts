import type { Slot, Step } from "@galley/plan";
import { galleyError, type MountSpec } from "@galley/spec";
import { detachBind } from "./bind-mount.ts";
import { type CgroupView, cgroupMount, type PhasedSteps } from "./cgroup-mount.ts";
import { isBeneath } from "./destination.ts";
import { limits } from "./limits.ts";
import { newMount } from "./new-mount.ts";
import { type RequestedMount, requestMount } from "./requested-mount.ts";
import { hostPropagation } from "./root-steps.ts";
import { type Attached, attachSteps, cover, newTree, strictAttachSteps, type Tree } from "./targets.ts";

/** What {@link mountSteps} needs to know besides the mounts. */
export interface MountStepsOptions {
  /** The root of the container, attached by the time that `beneath` runs. */
  readonly root: Slot;
  /** Whether the source of a bind is a directory; anything else counts as a file. Without it all are directories. */
  readonly sourceKind?: (hostPath: string) => "file" | "directory";
  readonly rootfsPropagation?: string | undefined;
  /** The SELinux label of new file systems. */
  readonly mountLabel?: string | undefined;
  /** What a mount of type `cgroup` shows. */
  readonly cgroups?: CgroupView | undefined;
}

/** The mounts of a container as steps, by when they run. */
export interface MountSteps {
  /** While host paths still mean the host: takes the sources of binds. */
  readonly before: readonly Step[];
  /** Once the root is attached. */
  readonly beneath: readonly Step[];
  /** After devices, links and everything else was made: turns read-only what had to be filled first. */
  readonly seal: readonly Step[];
  /** New file systems by destination: `/dev`, `/dev/pts`, `/proc`. */
  readonly fileSystems: ReadonlyMap<string, Slot>;
  /** Whether /dev is the user's own bind, so that no devices are made there. */
  readonly boundDev: boolean;
}

/** Where an image must not have put a link. */
const exactPlaces: readonly string[] = [
  "/proc",
  "/sys",
  "/sys/fs/cgroup",
  "/dev",
  "/dev/pts",
  "/dev/shm",
  "/dev/mqueue",
];
const exactTypes: readonly string[] = ["proc", "sysfs", "cgroup", "cgroup2"];

/**
 * Turns the mounts of a runtime spec into steps (OCI runtime-spec, config.md "Mounts"). They run in the order given, but
 * what lies on or beneath /proc and /sys comes last: a destination that an image's link leads into /proc is then
 * covered by the real proc instead of covering part of it.
 *
 * @throws `invalid`, `unsupported` or `forbidden` for a mount or an option that cannot be honoured; nothing is ignored.
 *
 * @example
 * const root = slot("root");
 * const { before, beneath } = mountSteps([{ destination: "/data", source: "/srv", options: ["rbind", "ro"] }], { root });
 */
export function mountSteps(mounts: readonly MountSpec[], options: MountStepsOptions): MountSteps {
  if (mounts.length > limits.mounts)
    throw galleyError("invalid", "mounts.many", `${mounts.length} mounts, over ${limits.mounts}`);
  const requests = mounts.map(requestMount);
  const isKernels = ({ destination }: RequestedMount): boolean =>
    isBeneath(destination, "/proc") || isBeneath(destination, "/sys");
  const ordered = [...requests.filter((request) => !isKernels(request)), ...requests.filter(isKernels)];
  const tree = newTree(options.root);
  const privateAlready = hostPropagation(mounts, options.rootfsPropagation) === "rprivate";
  const phases = ordered.map((request) => mountOne(tree, request, { ...options, privateAlready }));
  return {
    before: phases.flatMap(({ before }) => before),
    beneath: phases.flatMap(({ beneath }) => beneath),
    seal: phases.flatMap(({ seal }) => seal),
    fileSystems: new Map(
      [...tree.attached].filter(([, { type }]) => type !== undefined).map(([path, { slot }]) => [path, slot]),
    ),
    boundDev: tree.attached.has("/dev") && tree.attached.get("/dev")?.type === undefined,
  };
}

function mountOne(
  tree: Tree,
  request: RequestedMount,
  options: MountStepsOptions & { readonly privateAlready: boolean },
): PhasedSteps {
  if (request.type === "cgroup")
    return cgroupMount(tree, request, { view: options.cgroups, label: options.mountLabel });
  if (request.type === "bind") {
    const { mount, before } = detachBind(request, options);
    const kind = options.sourceKind?.(request.source) ?? "directory";
    return { before, beneath: place(tree, request, { mount: { slot: mount }, kind }), seal: [] };
  }
  const { mount, steps, seal } = newMount(request, { label: options.mountLabel });
  const attached = { slot: mount, type: request.type };
  return { before: [], beneath: [...steps, ...place(tree, request, { mount: attached, kind: "directory" })], seal };
}

function place(
  tree: Tree,
  request: RequestedMount,
  { mount, kind }: { readonly mount: Attached; readonly kind: "file" | "directory" },
): readonly Step[] {
  const { destination, type, source } = request;
  const why = type === "bind" ? `bind ${source} on ${destination}` : `mount ${type} on ${destination}`;
  const exact = kind === "directory" && (exactPlaces.includes(destination) || exactTypes.includes(type));
  const steps = exact
    ? strictAttachSteps(tree, mount.slot, { destination, why })
    : attachSteps(tree, mount.slot, { destination, kind, why });
  cover(tree, destination, mount);
  return steps;
}
