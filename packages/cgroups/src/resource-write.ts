import type { Errno } from "@galley/plan";
import { galleyError } from "@galley/spec";

/** One text for one file of a group. */
export interface ResourceWrite {
  /** Where the file lives: `memory`; `cgroup` for a file that every version 2 group has. */
  readonly controller: string;
  /** `memory.max` */
  readonly file: string;
  readonly text: string;
  readonly why: string;
  /** Errnos that count as fine. */
  readonly ok?: readonly Errno[];
}

/** A resource that cannot be limited on this host. */
export function unsupported(resource: string, because: string): Error {
  return galleyError("unsupported", "cgroups.resource", `cannot limit ${resource}: ${because}`, {
    details: { resource },
  });
}

/** A value that makes no sense. */
export function invalid(resource: string, value: unknown): Error {
  return galleyError("invalid", "cgroups.value", `${resource} cannot be ${String(value)}`, { details: { resource } });
}

/** A limit's text: undefined or 0 is "not asked", below 0 is unlimited. */
export function limitText(resource: string, value: number | undefined, unlimited: string): string | undefined {
  if (value === undefined || value === 0) return undefined;
  if (!Number.isInteger(value)) throw invalid(resource, value);
  return value < 0 ? unlimited : String(BigInt(value));
}

/** A number's text, within bounds; undefined is "not asked". */
export function numberText(
  resource: string,
  value: number | undefined,
  [least, most]: readonly [number, number],
): string | undefined {
  if (value === undefined) return undefined;
  if (!Number.isInteger(value) || value < least || value > most) throw invalid(resource, value);
  return String(BigInt(value));
}

/** A write, when there is a text. */
export function writeWhen(text: string | undefined, write: Omit<ResourceWrite, "text">): readonly ResourceWrite[] {
  return text === undefined ? [] : [{ ...write, text }];
}
