import { encodeName } from "@galley/spec";

/**
 * A record of a pax header, `<length> <key>=<value>\n`, where the length counts its own digits (pax(1)).
 *
 * @example
 * const content = Buffer.concat([paxRecord("path", "a"), paxRecord("path", "b")]);
 */
export function paxRecord(key: string, value: string | Uint8Array): Uint8Array {
  const rest = Buffer.concat([
    Buffer.from(" "),
    encodeName(`${key}=`),
    typeof value === "string" ? encodeName(value) : value,
    Buffer.from("\n"),
  ]);
  const withDigits = (digits: number) => rest.length + digits;
  let digits = String(rest.length).length;
  if (String(withDigits(digits)).length > digits) digits += 1;
  return Buffer.concat([Buffer.from(String(withDigits(digits))), rest]);
}

/** The body of a pax header, in the order given; keys may come again. */
export function paxBody(records: Iterable<readonly [key: string, value: string | Uint8Array]>): Uint8Array {
  return Buffer.concat([...records].map(([key, value]) => paxRecord(key, value)));
}
