import { type Slot, type Step, slot, stepper } from "@galley/plan";
import { normalizePath } from "./destination.ts";

const step = stepper("mounts");

/** What {@link maskSteps} needs to know. */
export interface MaskOptions {
  readonly root: Slot;
  /**
   * What a path is, where the caller knows: /proc and /sys of the container are those of the host's kernel. Then a mask
   * takes two steps. Without an answer it takes six, which do the right thing for either. "missing" leaves the path out.
   * The host's null device takes one more.
   */
  readonly kindOf?: (path: string) => "file" | "directory" | "missing" | undefined;
  /**
   * A null device that nobody else could have made: the container's own, on its new /dev. The host's when absent, and then
   * its mount is read-only: reading and writing go on (open(2): devices are exempt from EROFS), but root in
   * the container cannot change the mode or owner of the host's node through its mask.
   */
  readonly nullDevice?: { readonly at: Slot; readonly path: string } | undefined;
  readonly mountLabel?: string | undefined;
}

/**
 * Hides paths (OCI runtime-spec, config-linux.md "Masked Paths"): a file beneath the null device, a directory beneath an
 * empty read-only file system. A path that is missing is left out. To run once everything else is mounted, before the pivot.
 *
 * @throws `invalid` for an empty path or one with a zero byte.
 *
 * @example
 * const steps = maskSteps(["/proc/kcore", "/sys/firmware"], { root });
 */
export function maskSteps(paths: readonly string[], options: MaskOptions): readonly Step[] {
  const unique = [...new Set(paths.map(normalizePath))];
  return unique.flatMap((path) => {
    switch (options.kindOf?.(path)) {
      case "file":
        return maskFile(path, options);
      case "directory":
        return maskDirectory(path, options);
      case "missing":
        return [];
      default:
        return maskEither(path, options);
    }
  });
}

function maskFile(path: string, options: MaskOptions): readonly Step[] {
  const mask = slot(`mask of ${path}`);
  return [
    ...takeNull(mask, path, options),
    step("moveMount", { mount: mask, at: options.root, path: path.slice(1) }, `mask ${path}`, { ok: ["ENOENT"] }),
  ];
}

function maskDirectory(path: string, options: MaskOptions): readonly Step[] {
  const mask = slot(`mask of ${path}`);
  return [
    makeEmpty(mask, path, options),
    step("moveMount", { mount: mask, at: options.root, path: path.slice(1) }, `mask ${path}`, { ok: ["ENOENT"] }),
  ];
}

/**
 * Dataflow instead of a branch. `directory` is filled only if the path is one. If so, opening it for writing fails with
 * EISDIR, which empties the slot of the file mask; if not, that step is skipped and the file mask is used.
 */
function maskEither(path: string, options: MaskOptions): readonly Step[] {
  const directory = slot(`${path} if a directory`);
  const forDirectory = slot(`mask of directory ${path}`);
  const forFile = slot(`mask of file ${path}`);
  return [
    step(
      "open",
      { at: options.root, path: path.slice(1), flags: ["pathOnly", "directory"], out: directory },
      `see whether ${path} is a directory`,
      { ok: ["ENOENT", "ENOTDIR"] },
    ),
    makeEmpty(forDirectory, path, options),
    step("moveMount", { mount: forDirectory, at: directory, path: "." }, `mask directory ${path}`),
    ...takeNull(forFile, path, options),
    step(
      "open",
      { at: directory, path: ".", flags: ["write"], out: forFile },
      `forget the file mask if ${path} is a directory`,
      { ok: ["EISDIR"] },
    ),
    step("moveMount", { mount: forFile, at: options.root, path: path.slice(1) }, `mask file ${path}`, {
      ok: ["ENOENT"],
    }),
  ];
}

function takeNull(out: Slot, path: string, { nullDevice }: MaskOptions): readonly Step[] {
  const take = step(
    "openTree",
    { ...(nullDevice ?? { path: "/dev/null" }), out },
    `take the null device to mask ${path}`,
  );
  if (nullDevice) return [take];
  const guard = step(
    "mountAttributes",
    { at: out, path: "", set: ["readOnly"] },
    "keep the host's null device as it is",
  );
  return [take, guard];
}

function makeEmpty(out: Slot, path: string, { mountLabel }: MaskOptions): Step {
  const options = ["source=tmpfs", "ro", ...(mountLabel ? [`context=${mountLabel}`] : [])];
  return step(
    "newFileSystem",
    { type: "tmpfs", options, attributes: ["readOnly"], out },
    `make an empty directory to mask ${path}`,
  );
}
