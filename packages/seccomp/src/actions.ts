import { galleyError } from "@galley/spec";
import type { SeccompAction } from "./linux-seccomp.ts";

/** SECCOMP_RET_*: the upper half of what a filter returns (seccomp(2)). */
const returnNumbers: Readonly<Record<SeccompAction, number>> = {
  SCMP_ACT_KILL: 0x0000_0000,
  SCMP_ACT_KILL_THREAD: 0x0000_0000,
  SCMP_ACT_KILL_PROCESS: 0x8000_0000,
  SCMP_ACT_TRAP: 0x0003_0000,
  SCMP_ACT_ERRNO: 0x0005_0000,
  SCMP_ACT_NOTIFY: 0x7fc0_0000,
  SCMP_ACT_TRACE: 0x7ff0_0000,
  SCMP_ACT_LOG: 0x7ffc_0000,
  SCMP_ACT_ALLOW: 0x7fff_0000,
};

const eperm = 1;
/** What a filter answers to a call of an architecture it does not know: libseccomp's and thus every runtime's default. */
export const badArchitectureReturn = returnNumbers.SCMP_ACT_KILL_THREAD;
/** What calls newer than the profile get: ENOSYS, so that the C library falls back to an older call. */
export const newerCallReturn = returnNumbers.SCMP_ACT_ERRNO | 38;
/** What a filter returns to hand the decision to a listener. */
export const notifyReturn = returnNumbers.SCMP_ACT_NOTIFY;

function invalidAction(message: string, details: Record<string, unknown>): Error {
  return galleyError("invalid", "seccomp.action", message, { details });
}

/**
 * The number that a filter returns for an action. Only ERRNO and TRACE carry data, 16 bits, EPERM when left out
 * (OCI runtime spec: an errnoRet on another action is an error).
 */
export function returnNumber(action: SeccompAction, errnoRet?: number | undefined): number {
  const base = Object.hasOwn(returnNumbers, action) ? returnNumbers[action] : undefined;
  if (base === undefined) throw invalidAction(`unknown seccomp action ${action}`, { action });
  const carries = action === "SCMP_ACT_ERRNO" || action === "SCMP_ACT_TRACE";
  if (!carries && errnoRet !== undefined) throw invalidAction(`seccomp action ${action} takes no errnoRet`, { action });
  const data = carries ? (errnoRet ?? eperm) : 0;
  if (!Number.isInteger(data) || data < 0 || data > 0xffff) {
    throw invalidAction(`seccomp errnoRet ${data} is not between 0 and 65535`, { action, errnoRet });
  }
  return base + data;
}

/** A filter's answer. */
export interface Verdict {
  readonly action: Exclude<SeccompAction, "SCMP_ACT_KILL">;
  /** The errno of ERRNO, the message of TRACE, otherwise 0. */
  readonly data: number;
}

/** Reads a filter's return number; like the kernel it takes an unknown action for KILL_PROCESS. */
export function readReturn(value: number): Verdict {
  const base = (value & 0xffff_0000) >>> 0;
  for (const [action, number] of Object.entries(returnNumbers)) {
    if (number === base && action !== "SCMP_ACT_KILL")
      return { action: action as Verdict["action"], data: value & 0xffff };
  }
  return { action: "SCMP_ACT_KILL_PROCESS", data: value & 0xffff };
}
