import { type Slot, type Step, slot, stepper } from "@galley/plan";
import { type AttributeChange, isEmptyChange, type PropagationChange } from "./mount-options.ts";
import type { RequestedMount } from "./requested-mount.ts";

const step = stepper("mounts");

/** A host path as a detached mount that is ready to be attached. */
export interface Detached {
  readonly mount: Slot;
  /** To run while host paths still mean the host. */
  readonly before: readonly Step[];
}

/**
 * Takes a host path as a detached mount and gives it its attributes before anyone can see it, so that a read-only bind is
 * never writable, not even for a moment (mount_setattr(2)). Attributes that nobody asked about stay as they are on the host.
 */
export function detachBind(mount: RequestedMount, options: { readonly privateAlready: boolean }): Detached {
  const { source, destination } = mount;
  const recursive = mount.options.bind === "tree";
  const tree = slot(destination);
  const take = step(
    "openTree",
    { path: source, flags: recursive ? ["recursive"] : [], out: tree },
    `take ${source} for ${destination}`,
  );
  return { mount: tree, before: [take, ...changeSteps(tree, mount, { ...options, recursive })] };
}

/** Attributes and propagation of a detached mount. */
export function changeSteps(
  mount: Slot,
  request: RequestedMount,
  options: { readonly privateAlready: boolean; readonly recursive: boolean },
): readonly Step[] {
  const { top, tree, propagation } = request.options;
  const wanted = propagation.filter(
    ({ type }) => !(options.privateAlready && propagation.length === 1 && type === "private"),
  );
  // Of a single mount "recursive" says nothing, so one call does for all.
  const deep = options.recursive ? tree : none;
  const shallow = options.recursive ? top : merge(top, tree);
  const [first, ...rest] = wanted.map((each) => ({ ...each, recursive: each.recursive && options.recursive }));
  return [
    ...change(mount, request, {
      attributes: shallow,
      recursive: false,
      propagation: first?.recursive ? undefined : first,
    }),
    ...change(mount, request, { attributes: deep, recursive: true, propagation: first?.recursive ? first : undefined }),
    ...rest.flatMap((each) =>
      change(mount, request, { attributes: none, recursive: each.recursive, propagation: each }),
    ),
  ];
}

const none: AttributeChange = { set: [], clear: [] };

function merge(one: AttributeChange, other: AttributeChange): AttributeChange {
  const set = [...one.set.filter((flag) => !other.clear.includes(flag)), ...other.set];
  const clear = [...one.clear.filter((flag) => !other.set.includes(flag)), ...other.clear];
  return { set: [...new Set(set)], clear: [...new Set(clear)] };
}

interface Change {
  readonly attributes: AttributeChange;
  readonly recursive: boolean;
  readonly propagation: PropagationChange | undefined;
}

function change(mount: Slot, request: RequestedMount, { attributes, recursive, propagation }: Change): readonly Step[] {
  if (isEmptyChange(attributes) && propagation === undefined) return [];
  const words = [
    ...attributes.set.map((flag) => flagWords[flag]),
    ...attributes.clear.map((flag) => `not ${flagWords[flag]}`),
    ...(propagation ? [propagation.type] : []),
  ];
  return [
    step(
      "mountAttributes",
      {
        at: mount,
        path: "",
        ...(attributes.set.length > 0 ? { set: attributes.set } : {}),
        ...(attributes.clear.length > 0 ? { clear: attributes.clear } : {}),
        ...(propagation ? { propagation: [propagation.type] } : {}),
        ...(recursive ? { flags: ["recursive"] } : {}),
      },
      `make ${request.destination}${recursive ? " and all beneath" : ""} ${words.join(", ")}`,
    ),
  ];
}

/** How people say an attribute. */
export const flagWords: Readonly<Record<AttributeChange["set"][number], string>> = {
  readOnly: "read-only",
  noSuid: "nosuid",
  noDev: "nodev",
  noExec: "noexec",
  noAccessTime: "noatime",
  strictAccessTime: "strictatime",
  relativeAccessTime: "relatime",
  noDirectoryAccessTime: "nodiratime",
  noSymlinkFollow: "nosymfollow",
};
