import { type Slot, type Step, stepper } from "@galley/plan";
import { galleyError, type MountSpec } from "@galley/spec";
import { parseMountOptions } from "./mount-options.ts";

const step = stepper("mounts");

/** How the mounts that a container's mount namespace inherits relate to the host's. */
export type HostPropagation = "rprivate" | "rslave" | "rshared";

/** The steps around a container's root, by when they run. All are for the init lane. */
export interface RootSteps {
  /** First of all: cuts or loosens the tie to the host's mounts. */
  readonly isolate: readonly Step[];
  /** Lays the root over "/". Host paths keep their meaning until `pivot`. */
  readonly attach: readonly Step[];
  /** After everything was made beneath the root: read-only if asked, then the new root. */
  readonly pivot: readonly Step[];
}

/** What {@link rootSteps} needs to know. */
export interface RootOptions {
  readonly readOnly?: boolean | undefined;
  /** `linux.rootfsPropagation` of the spec. */
  readonly rootfsPropagation?: string | undefined;
  /** The mounts of the spec: one that wants to hear of the host's mounts forbids to cut the tie. */
  readonly mounts?: readonly MountSpec[];
}

/**
 * Steps that make a detached mount the root of the container.
 *
 * @throws `invalid` for an unknown propagation, or a mount that wants what the root's propagation rules out.
 *
 * @example
 * const { isolate, attach, pivot } = rootSteps(root, { readOnly: true });
 */
export function rootSteps(root: Slot, options: RootOptions = {}): RootSteps {
  const host = hostPropagation(options.mounts ?? [], options.rootfsPropagation);
  return {
    isolate: isolateSteps(host),
    attach: [
      // A bind of a directory on a shared mount is shared too; mounts beneath it would reach the host.
      ...(host === "rprivate"
        ? []
        : [
            step(
              "mountAttributes",
              { at: root, path: "", propagation: ["private"], flags: ["recursive"] },
              "keep mounts beneath the root to ourselves",
            ),
          ]),
      step("moveMount", { mount: root, path: "/" }, "lay the container's root over the host's"),
    ],
    pivot: [
      ...(options.readOnly ? readOnlyRootSteps(root) : []),
      step("pivot", { root }, "make it the root and let go of the host's"),
      ...finalSteps(options.rootfsPropagation),
    ],
  };
}

/** Makes the root's own mount read-only; mounts beneath it keep their attributes. */
export function readOnlyRootSteps(root: Slot): readonly Step[] {
  return [step("mountAttributes", { at: root, path: "", set: ["readOnly"] }, "make the root read-only")];
}

/**
 * What "/" must become in the new mount namespace. Private unless somebody wants to hear of the host's later mounts
 * (mount_namespaces(7)): then slave, and shared only where the spec says so.
 */
export function hostPropagation(mounts: readonly MountSpec[], rootfsPropagation?: string): HostPropagation {
  const wishes = mounts.flatMap(({ options }) => parseMountOptions(options ?? []).propagation.map(({ type }) => type));
  const listens = wishes.some((type) => type === "slave" || type === "shared");
  switch (rootfsPropagation ?? "") {
    case "":
    case "unbindable":
    case "runbindable":
      return listens ? "rslave" : "rprivate";
    case "slave":
    case "rslave":
      return "rslave";
    case "shared":
    case "rshared":
      return "rshared";
    case "private":
    case "rprivate":
      if (!listens) return "rprivate";
      throw galleyError(
        "invalid",
        "mounts.propagation",
        "a mount wants slave or shared propagation, which a private root rules out",
      );
    default:
      throw galleyError("invalid", "mounts.propagation", `unknown root propagation ${rootfsPropagation}`);
  }
}

function isolateSteps(host: HostPropagation): readonly Step[] {
  if (host === "rprivate") {
    return [
      step(
        "mountAttributes",
        { path: "/", propagation: ["private"], flags: ["recursive"] },
        "cut the tie to the host's mounts",
      ),
    ];
  }
  if (host === "rslave") {
    return [
      step(
        "mountAttributes",
        { path: "/", propagation: ["slave"], flags: ["recursive"] },
        "let no mount reach the host",
      ),
    ];
  }
  // pivot_root(2): the mount beneath the new root must not be shared.
  return [step("mountAttributes", { path: "/", propagation: ["private"] }, "keep the new root from the host")];
}

/** Private and slave were done by cutting the tie; what is left concerns the new root itself. */
function finalSteps(rootfsPropagation: string | undefined): readonly Step[] {
  const type = rootfsPropagation?.replace(/^r/, "");
  if (type !== "shared" && type !== "unbindable") return [];
  const recursive = rootfsPropagation?.startsWith("r") ? { flags: ["recursive"] as const } : {};
  return [step("mountAttributes", { path: "/", propagation: [type], ...recursive }, `make the root ${type}`)];
}
