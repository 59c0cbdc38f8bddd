import { badNumber, brokenTar } from "./tar-error.ts";

/**
 * A number field: octal text between blanks and NULs, or base-256 when the first bit is set (GNU tar manual, "Extensions").
 * As strict as Go's reader, whose reading every other engine uses.
 */
export function tarNumber(field: Uint8Array): number {
  return (field[0] ?? 0) & 0x80 ? base256(field) : octalNumber(field);
}

/** A number field in octal text, as sums always are. */
export function octalNumber(field: Uint8Array): number {
  const text = Buffer.from(field.buffer, field.byteOffset, field.byteLength).toString("latin1");
  const digits = /^[ \0]*([0-7]*)(?:\0[\s\S]*|[ \0]*)$/.exec(text)?.[1];
  if (digits === undefined) throw brokenTar("a header number is not octal");
  return digits === "" ? 0 : Number.parseInt(digits, 8);
}

/** Two's complement, most significant byte first; the mark bit is not part of it. */
function base256(field: Uint8Array): number {
  const negative = ((field[0] ?? 0) & 0x40) !== 0;
  let value = BigInt(((field[0] ?? 0) & 0x7f) | (negative ? 0x80 : 0));
  for (const byte of field.subarray(1)) value = (value << 8n) | BigInt(byte);
  return safe(BigInt.asIntN(field.length * 8, value));
}

/** A decimal number of a pax record. */
export function paxNumber(bytes: Uint8Array, key: string): number {
  const text = ascii(bytes);
  if (!/^-?\d{1,30}$/.test(text)) throw brokenTar(`pax record ${key} is not a number`);
  return safe(BigInt(text));
}

/** Seconds with a fraction, as pax writes times. The fraction counts forward from the whole seconds. */
export function paxTime(bytes: Uint8Array, key: string): { seconds: number; nanoseconds: number } {
  const match = /^(-?)(\d{1,30})(?:\.(\d*))?$/.exec(ascii(bytes));
  if (!match) throw brokenTar(`pax record ${key} is not a time`);
  const [, sign, whole = "", fraction = ""] = match;
  const seconds = safe(BigInt(whole));
  const nanoseconds = Number(fraction.slice(0, 9).padEnd(9, "0"));
  if (sign === "") return { seconds, nanoseconds };
  return nanoseconds === 0
    ? { seconds: 0 - seconds, nanoseconds }
    : { seconds: -seconds - 1, nanoseconds: 1e9 - nanoseconds };
}

function safe(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw badNumber(`a number beyond all use: ${value.toString().slice(0, 40)}`);
  return number;
}

function ascii(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 80)).toString("latin1");
}
