import { type Slot, type Step, slot, stepper } from "@galley/plan";
import { type DeviceSpec, galleyError } from "@galley/spec";
import { defaultDevices } from "./default-devices.ts";
import { isBeneath, normalizePath, pathAndParents } from "./destination.ts";

const step = stepper("mounts");

/** stat(2), inode(7) */
const typeBits: Readonly<Record<DeviceSpec["type"], number>> = { c: 0o020000, u: 0o020000, b: 0o060000, p: 0o010000 };
const largestNumber = 0xffff_ffff;

/** Where devices are made. */
export interface DevPlace {
  readonly root: Slot;
  /** The new file system on /dev; without it the nodes are made in the image's own /dev, replacing what is there. */
  readonly dev?: Slot | undefined;
  /** mknod(2) is refused in a user namespace: then each node of the host is bound instead. */
  readonly bind?: boolean;
}

/**
 * Makes the default devices and those of the spec (OCI runtime-spec, config-linux.md "Devices"). A device of the spec
 * replaces the default one on the same path. /dev/ptmx is left to {@link devLinkSteps}.
 *
 * @throws `invalid` for a device without numbers, of an unknown type, or outside its range.
 *
 * @example
 * const { before, beneath } = deviceSteps([{ path: "/dev/fuse", type: "c", major: 10, minor: 229 }], { root, dev });
 */
export function deviceSteps(
  devices: readonly DeviceSpec[],
  place: DevPlace,
): { readonly before: readonly Step[]; readonly beneath: readonly Step[] } {
  const wanted = new Map([...defaultDevices, ...devices].map((device) => [normalizePath(device.path), device]));
  wanted.delete("/dev/ptmx");
  for (const device of wanted.values()) checkDevice(device);
  const { dev, steps } = openDev(place);
  const made = new Set<string>();
  const parts = [...wanted].map(([path, device]) => {
    const inDev = isBeneath(path, "/dev");
    const isNew = inDev && place.dev !== undefined; // elsewhere an earlier start may have left the node
    const at = inDev ? { at: dev, path: path.slice("/dev/".length) } : { at: place.root, path: path.slice(1) };
    const parents = parentSteps(at, made);
    const node = place.bind ? bindNode(path, at) : { before: [], beneath: makeNode({ device, path }, at, !isNew) };
    return { before: node.before, beneath: [...parents, ...node.beneath] };
  });
  return {
    before: parts.flatMap(({ before }) => before),
    beneath: [...steps, ...parts.flatMap(({ beneath }) => beneath)],
  };
}

/** The image's /dev, when nothing is mounted there: a real directory, never a link. */
export function openDev(place: DevPlace): { readonly dev: Slot; readonly steps: readonly Step[] } {
  if (place.dev) return { dev: place.dev, steps: [] };
  const dev = slot("image /dev");
  return {
    dev,
    steps: [
      step("mkdir", { at: place.root, path: "dev", mode: 0o755 }, "make /dev", { ok: ["EEXIST"] }),
      step(
        "open",
        { at: place.root, path: "dev", flags: ["pathOnly", "directory", "noFollow"], out: dev },
        "hold /dev, which must be a real directory",
      ),
    ],
  };
}

interface Beneath {
  readonly at: Slot;
  readonly path: string;
}

function makeNode(
  { device, path }: { device: DeviceSpec; path: string },
  at: Beneath,
  replace: boolean,
): readonly Step[] {
  const { type, major = 0, minor = 0, fileMode = 0o666, uid = 0, gid = 0 } = device;
  const flags = replace ? { flags: ["replace"] as const } : {};
  const numbers = type === "p" ? "fifo" : `${type} ${major}:${minor}`;
  const node = step(
    "mknod",
    { ...at, mode: typeBits[type] | (fileMode & 0o7777), major, minor, ...flags },
    `make ${path} (${numbers})`,
  );
  if (uid === 0 && gid === 0) return [node];
  return [
    node,
    step(
      "attributes",
      { ...at, set: ["owner", "mode"], uid, gid, mode: fileMode & 0o7777 },
      `give ${path} to ${uid}:${gid}`,
    ),
  ];
}

function bindNode(path: string, at: Beneath): { readonly before: readonly Step[]; readonly beneath: readonly Step[] } {
  const mount = slot(path);
  return {
    before: [step("openTree", { path, out: mount }, `take ${path}`)],
    beneath: [
      step("mknod", { ...at, mode: 0o100000, major: 0, minor: 0 }, `make an empty file ${path}`, { ok: ["EEXIST"] }),
      step("moveMount", { mount, ...at }, `bind ${path}`),
    ],
  };
}

function parentSteps({ at, path }: Beneath, made: Set<string>): readonly Step[] {
  const parents = pathAndParents(`/${path}`)
    .slice(0, -1)
    .map((parent) => parent.slice(1));
  return parents.flatMap((parent) => {
    const key = `${at.slot}:${parent}`;
    if (made.has(key)) return [];
    made.add(key);
    return [step("mkdir", { at, path: parent, mode: 0o755 }, `make ${parent}`, { ok: ["EEXIST"] })];
  });
}

function checkDevice({ path, type, major, minor, fileMode }: DeviceSpec): void {
  if (!(type in typeBits))
    throw galleyError("invalid", "mounts.device", `device ${path}: unknown type ${JSON.stringify(type)}`);
  if (type === "p") return;
  const fits = (number: number | undefined): boolean =>
    number !== undefined && Number.isInteger(number) && number >= 0 && number <= largestNumber;
  if (!fits(major) || !fits(minor))
    throw galleyError("invalid", "mounts.device", `device ${path} needs a major and a minor number`);
  if (fileMode !== undefined && !fits(fileMode))
    throw galleyError("invalid", "mounts.device", `device ${path}: mode ${fileMode}`);
}
