import { galleyError, type ProcessSpec, type SeccompSpec } from "@galley/spec";
import { refuse } from "./refuse.ts";

/**
 * Refuses what is not honoured yet of a process, whether it is a container's first or one more in it.
 *
 * @throws invalid runtime.bad-directory; unsupported runtime.unsupported-field, with the field's name in `details.field`
 */
export function checkProcess(process: ProcessSpec, seccomp: SeccompSpec | undefined): void {
  if (!process.cwd.startsWith("/"))
    throw galleyError("invalid", "runtime.bad-directory", `working directory ${process.cwd} is not absolute`);
  refuse("process.apparmorProfile", process.apparmorProfile);
  refuse("process.scheduler", process.scheduler);
  refuse("process.ioPriority", process.ioPriority);
  refuse("process.execCPUAffinity", process.execCPUAffinity);
  refuse("linux.seccomp.listenerPath", seccomp?.listenerPath);
  refuse("linux.seccomp.listenerMetadata", seccomp?.listenerMetadata);
}
