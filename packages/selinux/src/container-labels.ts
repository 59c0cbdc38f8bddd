import { type CategorySource, canonicalLevel, pickLevel, unconfinedLevel } from "./categories.ts";
import { formatContext, parseContext, type SelinuxContext } from "./context.ts";
import type { LabelOptions } from "./label-options.ts";
import { type PolicyContexts, usualContexts } from "./policy-contexts.ts";

/** The labels of one container; all absent where SELinux is off. */
export interface ContainerLabels {
  /** Of the container's processes, from exec on. Absent with `label=disable`. */
  readonly process?: string;
  /** Of key rings it makes: the same as the process. */
  readonly key?: string;
  /** Of file systems mounted for it: the mount option `context`. */
  readonly mount?: string;
  /** Of files that belong to it alone (volumes with `:Z`). */
  readonly file?: string;
  /** Of files that containers share (volumes with `:z`). */
  readonly sharedFile?: string;
}

/** What labels depend on. */
export interface LabelRequest extends CategorySource {
  /** Whether SELinux is on (`isSelinuxEnabled`). */
  readonly enabled: boolean;
  readonly options?: LabelOptions | undefined;
  /** What the loaded policy says (`parsePolicyContexts`); that of container-selinux when left out. */
  readonly policy?: PolicyContexts | undefined;
}

/** A policy without levels has no categories to keep containers apart by. */
function levelOf(process: SelinuxContext, { level }: LabelOptions, source: CategorySource): string | undefined {
  if (level) return canonicalLevel(level);
  return process.level ? pickLevel(source) : undefined;
}

function fileLabels(
  file: SelinuxContext,
  level: string | undefined,
): Pick<ContainerLabels, "mount" | "file" | "sharedFile"> {
  const own = formatContext({ ...file, level });
  return { mount: own, file: own, sharedFile: formatContext({ ...file, level: level && "s0" }) };
}

/**
 * The labels of a new container. Each confined container gets a pair of categories of its own, so it reaches its own
 * files and no other container's. Throws `unavailable` when no pair is left, `invalid` for options that make no context.
 *
 * @example
 * containerLabels({ enabled: true, random, isTaken }).process; // "system_u:system_r:container_t:s0:c214,c801"
 */
export function containerLabels({
  enabled,
  options = {},
  policy = usualContexts,
  random,
  isTaken,
}: LabelRequest): ContainerLabels {
  if (!enabled) return {};
  const user = options.user;
  const file: SelinuxContext = {
    ...policy.file,
    ...(user && { user }),
    ...(options.filetype && { type: options.filetype }),
  };
  if (options.disable) return fileLabels(policy.file, unconfinedLevel);
  const { role, type } = options;
  const level = levelOf(policy.process, options, { random, isTaken });
  const process = formatContext({
    ...policy.process,
    ...(user && { user }),
    ...(role && { role }),
    ...(type && { type }),
    level,
  });
  parseContext(process);
  return { process, key: process, ...fileLabels(file, level) };
}
