import { galleyError, type LinuxSpec, type ProcessSpec, type RuntimeSpec } from "@galley/spec";

/** A specification whose every field this runtime honours. */
export interface CheckedSpec {
  readonly spec: RuntimeSpec;
  readonly process: ProcessSpec;
  readonly linux: LinuxSpec;
}

/**
 * Refuses what is not honoured yet, so that nothing is ever ignored in silence.
 *
 * @throws invalid runtime.no-process; unsupported runtime.unsupported-field, with the field's name in `details.field`
 */
export function checkSpec(spec: RuntimeSpec): CheckedSpec {
  const { process, linux = {} } = spec;
  if (!process) throw galleyError("invalid", "runtime.no-process", "the specification has no process");
  if (!process.cwd.startsWith("/")) throw galleyError("invalid", "runtime.bad-directory", `working directory ${process.cwd} is not absolute`);
  refuse("hooks", Object.values(spec.hooks ?? {}).some((hooks) => hooks && hooks.length > 0));
  refuse("process.apparmorProfile", process.apparmorProfile);
  refuse("process.scheduler", process.scheduler);
  refuse("process.ioPriority", process.ioPriority);
  refuse("process.execCPUAffinity", process.execCPUAffinity);
  refuse("linux.uidMappings", linux.uidMappings?.length);
  refuse("linux.gidMappings", linux.gidMappings?.length);
  refuse("linux.intelRdt", linux.intelRdt);
  refuse("linux.personality", linux.personality);
  refuse("linux.seccomp.listenerPath", linux.seccomp?.listenerPath);
  return { spec, process, linux };
}

function refuse(field: string, value: unknown): void {
  if (!value) return;
  throw galleyError("unsupported", "runtime.unsupported-field", `${field} of the specification is not supported yet`, { details: { field } });
}
