import { galleyError } from "@galley/spec";
import { maxMountOptionBytes, maxRootLayers } from "../limits.ts";

/** The version of the kernel that will mount. */
export interface KernelVersion {
  readonly major: number;
  readonly minor: number;
}

/** What a container's root is made of. */
export interface RootMountOptions {
  /** Host paths of the layers' trees in the image's order: the lowest first. */
  readonly lower: readonly string[];
  /** Two empty host directories: overlayfs wants two lower layers where there is no upper one, and no layer twice. */
  readonly empty: readonly [string, string];
  /** Host paths of the writable layer and its work directory; without them the root is read-only. */
  readonly writable?: { readonly upper: string; readonly work: string } | undefined;
  readonly kernel: KernelVersion;
  /** Overlay marks are kept in `user.overlay.*`, as needed inside a user namespace. */
  readonly userMarks?: boolean | undefined;
  /** The upper layer need not survive a crash: overlayfs leaves out every sync. */
  readonly volatile?: boolean | undefined;
}

/** A mount as data, for the operation newFileSystem. */
export interface RootMount {
  readonly type: "overlay";
  readonly options: readonly string[];
  /**
   * Kernels before 6.8 take all lower layers in one option of 255 bytes. There the layers are named by these links,
   * to be made in a directory that is the working directory while mounting; see `rootMountSteps`.
   */
  readonly links?: readonly { readonly name: string; readonly hostPath: string }[];
}

/**
 * The root file system of a container as data; nothing is mounted.
 *
 * - `index=off`: an upper layer may be mounted again after the store was copied or restored (with an index the kernel
 *   binds it to the first lower layers' file handles and answers ESTALE).
 * - `redirect_dir=nofollow`, `metacopy=off`: marks in a layer cannot point elsewhere, and every upper layer holds whole
 *   files in their own places, so that a difference is read from it directly.
 *
 * @throws invalid storage.too-many-layers beyond 500; unsupported storage.path-too-long, storage.path-characters
 *
 * @example
 * rootMount({ lower: ["/layers/a/tree", "/layers/b/tree"], empty: layers.emptyPaths, kernel: { major: 6, minor: 12 } }).options;
 * // ["lowerdir+=/layers/b/tree", "lowerdir+=/layers/a/tree", "index=off", "redirect_dir=nofollow", "metacopy=off"]
 */
export function rootMount(options: RootMountOptions): RootMount {
  const lower = lowerPaths(options);
  const common = [...writableOptions(options), ...fixedOptions(options)];
  const mount = takesLayerByLayer(options.kernel)
    ? { type: "overlay" as const, options: [...lower.map((path) => `lowerdir+=${plainPath(path)}`), ...common] }
    : linkedMount(lower, common);
  for (const option of mount.options) checkLength(option);
  return mount;
}

/** `lowerdir+` came with Linux 6.8 (overlayfs.rst, "Multiple lower layers"). */
function takesLayerByLayer({ major, minor }: KernelVersion): boolean {
  return major > 6 || (major === 6 && minor >= 8);
}

/** Top-most first, as overlayfs wants them. */
function lowerPaths({ lower, empty, writable }: RootMountOptions): string[] {
  if (lower.length > maxRootLayers)
    throw galleyError(
      "invalid",
      "storage.too-many-layers",
      `${lower.length} layers are more than ${maxRootLayers}, the most that overlay mounts`,
    );
  const paths = lower.toReversed();
  return [...paths, ...empty.slice(0, Math.max(0, (writable ? 1 : 2) - paths.length))];
}

function writableOptions({ writable, volatile }: RootMountOptions): string[] {
  if (!writable) return [];
  const paths = [`upperdir=${plainPath(writable.upper)}`, `workdir=${plainPath(writable.work)}`];
  return volatile ? [...paths, "volatile"] : paths;
}

function fixedOptions({ userMarks }: RootMountOptions): string[] {
  return ["index=off", "redirect_dir=nofollow", "metacopy=off", ...(userMarks ? ["userxattr"] : [])];
}

function linkedMount(lower: readonly string[], common: readonly string[]): RootMount {
  const links = lower.map((hostPath, index) => ({ name: index.toString(36), hostPath }));
  return { type: "overlay", options: [`lowerdir=${links.map(({ name }) => name).join(":")}`, ...common], links };
}

/** Kernels differ in how they unescape paths in options, so none that would need it is passed. */
function plainPath(path: string): string {
  if (/[\\:,]/.test(path))
    throw galleyError(
      "unsupported",
      "storage.path-characters",
      `overlay cannot be told the path ${path}: it holds a colon, comma or backslash`,
    );
  return path;
}

function checkLength(option: string): void {
  const bytes = Buffer.byteLength(option.slice(option.indexOf("=") + 1));
  if (bytes > maxMountOptionBytes)
    throw galleyError(
      "unsupported",
      "storage.path-too-long",
      `a mount option has ${bytes} bytes, the kernel takes ${maxMountOptionBytes}: ${option.slice(0, 80)}`,
    );
}
