import { galleyError, type LinuxSpec, type ProcessSpec, type RuntimeSpec } from "@galley/spec";
import { checkProcess } from "./check-process.ts";
import { refuse } from "./refuse.ts";

/** A specification whose every field this runtime honours. */
export interface CheckedSpec {
  readonly spec: RuntimeSpec;
  readonly process: ProcessSpec;
  readonly linux: LinuxSpec;
}

/**
 * Refuses what is not honoured yet, so that nothing is ever ignored in silence.
 *
 * @throws invalid runtime.no-process, runtime.bad-directory, runtime.no-mount-namespace; unsupported
 *   runtime.unsupported-field, with the field's name in `details.field`
 */
export function checkSpec(spec: RuntimeSpec): CheckedSpec {
  const { process, linux = {} } = spec;
  if (!process) throw galleyError("invalid", "runtime.no-process", "the specification has no process");
  checkProcess(process, linux.seccomp);
  refuse(
    "hooks",
    Object.values(spec.hooks ?? {}).some((hooks) => hooks && hooks.length > 0),
  );
  refuse("linux.uidMappings", linux.uidMappings?.length);
  refuse("linux.gidMappings", linux.gidMappings?.length);
  refuse("linux.intelRdt", linux.intelRdt);
  refuse("linux.personality", linux.personality);
  checkNamespaces(linux);
  return { spec, process, linux };
}

/** Without a mount namespace of its own the container's root would take the place of the host's. */
function checkNamespaces({ namespaces = [] }: LinuxSpec): void {
  refuse(
    "linux.namespaces.user",
    namespaces.some(({ type }) => type === "user"),
  );
  const mount = namespaces.find(({ type }) => type === "mount");
  if (!mount) throw galleyError("invalid", "runtime.no-mount-namespace", "the specification has no mount namespace");
  refuse("linux.namespaces.mount.path", mount.path);
}
