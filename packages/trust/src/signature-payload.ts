import { type Digest, isDigest } from "@galley/spec";
import { maxPayloadBytes } from "./limits.ts";
import { isRecord } from "./policy-object.ts";
import { parseStrictJson } from "./strict-json.ts";

/** What a signature says about an image (containers-signature(5)). */
export interface SignaturePayload {
  readonly digest: Digest;
  /** The image's name. */
  readonly reference: string;
}

/** The two kinds of statements. */
export type PayloadType = "atomic container signature" | "cosign container image signature";

/** Reads a signed statement, strictly in what is critical. Throws an `Error` that says what is wrong. */
export function parsePayload(bytes: Uint8Array, type: PayloadType): SignaturePayload {
  if (bytes.byteLength > maxPayloadBytes) throw new Error("the payload is too large");
  const whole = members(parseStrictJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes)), [
    "critical",
    "optional",
  ]);
  const critical = members(whole["critical"], ["type", "image", "identity"]);
  const image = members(critical["image"], ["docker-manifest-digest"]);
  const identity = members(critical["identity"], ["docker-reference"]);
  const digest = image["docker-manifest-digest"];
  const reference = identity["docker-reference"];
  if (critical["type"] !== type) throw new Error(`the payload is not of type ${JSON.stringify(type)}`);
  if (typeof digest !== "string" || !isDigest(digest)) throw new Error("the payload has no digest");
  if (typeof reference !== "string") throw new Error("the payload has no image name");
  return { digest, reference };
}

/** An object with those members, `optional` or not there, and no others. */
function members(value: unknown, names: readonly string[]): Readonly<Record<string, unknown>> {
  if (!isRecord(value)) throw new Error("the payload is not as it should be");
  const other = Object.keys(value).find((name) => !names.includes(name));
  if (other !== undefined) throw new Error(`the payload has an unknown member ${JSON.stringify(other)}`);
  const missing = names.find((name) => name !== "optional" && !Object.hasOwn(value, name));
  if (missing !== undefined) throw new Error(`the payload has no member ${JSON.stringify(missing)}`);
  return value;
}
