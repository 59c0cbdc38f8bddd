import { z } from "zod";
import { maxRuntimeEntries } from "./limits.ts";

/** Field shapes that every part of a runtime document uses. */

const uint64End = 2 ** 64;

/** Absolute or at least harmless: the kernel cuts a string at its first zero byte, so none may be inside. */
export const text = z.string().refine((value) => !value.includes("\0"), "a zero byte in a string");
export const uint32 = z.int().min(0).max(0xffff_ffff);
/** JSON rounds what is above 2^53, so 2^64 - 1 arrives as 2^64. */
export const uint64 = z.number().min(0).max(uint64End).refine(Number.isInteger, "not a whole number");
export const int64 = z
  .number()
  .min(-uint64End / 2)
  .max(uint64End / 2)
  .refine(Number.isInteger, "not a whole number");

/** A bounded list. */
export function list<T extends z.ZodType>(item: T): z.ZodArray<T> {
  return z.array(item).max(maxRuntimeEntries);
}

/** A bounded map with text keys. */
export function map<T extends z.ZodType>(item: T): z.ZodRecord<typeof text, T> {
  return z
    .record(text, item)
    .refine((value) => Object.keys(value).length <= maxRuntimeEntries, `more than ${maxRuntimeEntries} entries`);
}

export const textList = list(text);

export const idMappingsSchema = list(z.object({ containerID: uint32, hostID: uint32, size: uint32 }));
