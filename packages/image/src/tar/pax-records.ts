import { decodeName } from "@galley/spec";
import { brokenTar } from "./tar-error.ts";

const blank = 0x20;
const newline = 0x0a;
const equals = 0x3d;

/**
 * The records of a pax header: `<length> <key>=<value>\n`, the length counting all of it (pax(1), "pax Extended
 * Header"). Values stay bytes. Of a key that comes twice the later counts, but sparse maps of old, which repeat keys,
 * come back joined under GNU.sparse.map.
 */
export function paxRecords(body: Uint8Array): Map<string, Uint8Array> {
  const records = new Map<string, Uint8Array>();
  const pieces: string[] = [];
  for (let at = 0; at < body.length; ) {
    const { key, value, end } = record(body, at);
    if (key === "GNU.sparse.offset" || key === "GNU.sparse.numbytes") pieces.push(decodeName(value));
    else records.set(key, value);
    at = end;
  }
  if (pieces.length > 0) records.set("GNU.sparse.map", new TextEncoder().encode(pieces.join(",")));
  return records;
}

function record(body: Uint8Array, at: number): { key: string; value: Uint8Array; end: number } {
  const afterLength = body.indexOf(blank, at);
  const length =
    afterLength < 0 || afterLength - at > 10 ? "" : Buffer.from(body.subarray(at, afterLength)).toString("latin1");
  const end = at + (/^[1-9]\d*$/.test(length) ? Number(length) : 0);
  const afterKey = body.indexOf(equals, afterLength);
  if (end <= afterLength || end > body.length || body[end - 1] !== newline || afterKey < 0 || afterKey >= end)
    throw brokenTar("a pax record has a wrong length");
  const key = decodeName(body.subarray(afterLength + 1, afterKey));
  if (key === "") throw brokenTar("a pax record has no key");
  return { key, value: body.subarray(afterKey + 1, end - 1), end };
}
