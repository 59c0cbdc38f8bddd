import { type Slot, type Step, slot, stepper } from "@galley/plan";
import { changeSteps, flagWords } from "./bind-mount.ts";
import type { RequestedMount } from "./requested-mount.ts";

const step = stepper("mounts");

/** Kernel objects rather than storage: SELinux labels them itself and takes no `context=` option (mount(8)). */
const selfLabelled: readonly string[] = ["proc", "sysfs", "mqueue", "cgroup", "cgroup2"];

/** A new file system, not attached yet. */
export interface NewMount {
  readonly mount: Slot;
  readonly steps: readonly Step[];
  /** For the very end: what must be read-only only once everything is in it. */
  readonly seal: readonly Step[];
}

/** Makes the file system of a mount. A tmpfs, and whatever becomes /dev, is filled before it turns read-only. */
export function newMount(request: RequestedMount, options: { readonly label?: string | undefined }): NewMount {
  const { destination, type } = request;
  const mount = slot(destination);
  const attributes = [...new Set([...request.options.top.set, ...request.options.tree.set])];
  const late = attributes.includes("readOnly") && (type === "tmpfs" || destination === "/dev");
  const now = late ? attributes.filter((flag) => flag !== "readOnly") : attributes;
  const words = now.map((flag) => flagWords[flag]).join(", ");
  const make = step(
    "newFileSystem",
    { type, options: dataOf(request, { ...options, readOnly: now.includes("readOnly") }), attributes: now, out: mount },
    `make ${type} for ${destination}${words === "" ? "" : `, ${words}`}`,
  );
  const seal = step("mountAttributes", { at: mount, path: "", set: ["readOnly"] }, `make ${destination} read-only`);
  return {
    mount,
    steps: [make, ...propagationSteps(mount, request), ...labelSteps(mount, request, options.label)],
    seal: late ? [seal] : [],
  };
}

/** Options of the file system itself, with its source for the mount table and its label. */
function dataOf(
  request: RequestedMount,
  options: { readonly label?: string | undefined; readonly readOnly: boolean },
): readonly string[] {
  const { type, source } = request;
  const { data } = request.options;
  const labelled =
    options.label && !selfLabelled.includes(type) && !data.some((option) => option.startsWith("context="));
  return [
    ...(source === "" ? [] : [`source=${source}`]),
    ...(options.readOnly ? ["ro"] : []),
    ...data,
    ...(labelled ? [`context=${options.label}`] : []),
  ];
}

/** A new mount is private already. */
function propagationSteps(mount: Slot, request: RequestedMount): readonly Step[] {
  const untouched = { set: [], clear: [] };
  const only: RequestedMount = { ...request, options: { ...request.options, top: untouched, tree: untouched } };
  return changeSteps(mount, only, { privateAlready: true, recursive: false });
}

function labelSteps(mount: Slot, { type, destination }: RequestedMount, label: string | undefined): readonly Step[] {
  if (type !== "mqueue" || !label) return [];
  const value = new TextEncoder().encode(`${label}\0`);
  return [step("xattr", { at: mount, path: "", name: "security.selinux", value }, `label ${destination} ${label}`)];
}
