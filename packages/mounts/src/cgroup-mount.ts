import { type Step, slot, stepper } from "@galley/plan";
import { galleyError } from "@galley/spec";
import type { MountOptions } from "./mount-options.ts";
import { newMount } from "./new-mount.ts";
import type { RequestedMount } from "./requested-mount.ts";
import { attachSteps, cover, strictAttachSteps, type Tree } from "./targets.ts";

const step = stepper("mounts");

/** What a mount of type `cgroup` shows: given by the caller, who knows the host's control groups. */
export type CgroupView =
  | { readonly version: 2 }
  | {
      readonly version: 1;
      readonly hierarchies: readonly CgroupHierarchyView[];
      /** `cpu` beside a hierarchy called `cpu,cpuacct`. */
      readonly links: readonly { readonly name: string; readonly target: string }[];
    };

/** One version 1 hierarchy. */
export interface CgroupHierarchyView {
  /** Its directory's name: `memory`. */
  readonly name: string;
  /** The container's own group on the host, bound as it is; without it the hierarchy is mounted as the cgroup namespace shows it. */
  readonly hostPath?: string | undefined;
  /** What names the hierarchy to the kernel: `memory`, `cpu` and `cpuacct`, `name=systemd`. */
  readonly options: readonly string[];
}

/** The steps of one mount, by when they run. */
export interface PhasedSteps {
  readonly before: readonly Step[];
  readonly beneath: readonly Step[];
  readonly seal: readonly Step[];
}

/** Version 2 is one file system; version 1 a tmpfs with a directory for each hierarchy. */
export function cgroupMount(
  tree: Tree,
  request: RequestedMount,
  options: { readonly view?: CgroupView | undefined; readonly label?: string | undefined },
): PhasedSteps {
  const { view } = options;
  if (view === undefined) {
    throw galleyError(
      "invalid",
      "mounts.cgroup-view",
      `mount on ${request.destination}: nothing says which control groups to show`,
    );
  }
  return view.version === 2 ? unified(tree, request) : legacy(tree, request, { view, label: options.label });
}

function unified(tree: Tree, request: RequestedMount): PhasedSteps {
  const { destination } = request;
  const { mount, steps, seal } = newMount({ ...request, type: "cgroup2" }, {});
  const attach = strictAttachSteps(tree, mount, { destination, why: `mount cgroup2 on ${destination}` });
  cover(tree, destination, { slot: mount, type: "cgroup2" });
  return { before: [], beneath: [...steps, ...attach], seal };
}

/** As runtimes do it, the directory of hierarchies is nosuid, nodev, noexec and mode 755, whatever the options. */
const baseOptions: MountOptions = {
  top: { set: ["noSuid", "noDev", "noExec"], clear: [] },
  tree: { set: [], clear: [] },
  propagation: [],
  data: ["mode=755"],
  remount: false,
};

type Legacy = { readonly view: Extract<CgroupView, { version: 1 }>; readonly label?: string | undefined };

function legacy(tree: Tree, request: RequestedMount, { view, label }: Legacy): PhasedSteps {
  const { destination } = request;
  const base = newMount({ destination, type: "tmpfs", source: "tmpfs", options: baseOptions }, { label });
  const attach = strictAttachSteps(tree, base.mount, {
    destination,
    why: `mount a directory of control groups on ${destination}`,
  });
  cover(tree, destination, { slot: base.mount, type: "tmpfs" });
  const parts = view.hierarchies.map((hierarchy) => hierarchyMount(tree, request, hierarchy));
  const links = view.links.map(({ name, target }) =>
    step("symlink", { at: base.mount, path: name, target }, `link ${name} to ${target}`),
  );
  const readOnly = request.options.top.set.includes("readOnly");
  const close = step(
    "mountAttributes",
    { at: base.mount, path: "", set: ["readOnly"] },
    `make ${destination} read-only`,
  );
  return {
    before: parts.flatMap((part) => part.before),
    beneath: [
      ...base.steps,
      ...attach,
      ...parts.flatMap((part) => part.beneath),
      ...links,
      ...(readOnly ? [close] : []),
    ],
    seal: [],
  };
}

function hierarchyMount(tree: Tree, request: RequestedMount, hierarchy: CgroupHierarchyView): PhasedSteps {
  const destination = `${request.destination}/${hierarchy.name}`;
  const target = { destination, kind: "directory", why: `mount control groups ${hierarchy.name}` } as const;
  const set = [...new Set([...baseOptions.top.set, ...request.options.top.set])];
  if (hierarchy.hostPath === undefined) {
    const options: MountOptions = { ...baseOptions, top: { set, clear: [] }, data: hierarchy.options };
    const { mount, steps } = newMount({ destination, type: "cgroup", source: "cgroup", options }, {});
    return { before: [], beneath: [...steps, ...attachSteps(tree, mount, target)], seal: [] };
  }
  const mount = slot(destination);
  const take = step(
    "openTree",
    { path: hierarchy.hostPath, flags: ["recursive"], out: mount },
    `take ${hierarchy.hostPath}`,
  );
  const change = step("mountAttributes", { at: mount, path: "", set }, `restrict ${destination}`);
  return { before: [take, change], beneath: attachSteps(tree, mount, target), seal: [] };
}
