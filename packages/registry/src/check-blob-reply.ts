import type { Descriptor } from "@galley/spec";
import type { Reply } from "./http.ts";

interface Problem {
  readonly code: "size-mismatch" | "bad-range" | "bad-encoding";
  readonly message: string;
}

/**
 * What is wrong with the head of an answer that should bring a blob from an offset on; undefined when nothing is.
 * A length that cannot be right is worth finding before a gigabyte has been stored.
 */
export function checkBlobReply(reply: Reply, { size }: Descriptor, offsetBytes: number): Problem | undefined {
  if (reply.status === 416) return checkRefusedRange(reply, size, offsetBytes);
  return reply.status === 206 ? checkRange(reply, size, offsetBytes) : checkWhole(reply, size);
}

function checkWhole(reply: Reply, size: number): Problem | undefined {
  const length = lengthOf(reply);
  const encoding = (reply.header("content-encoding") ?? "").trim().toLowerCase();
  // Some stores label compressed layers so; when the length is right, so are the bytes, and the digest has the last word.
  if (encoding !== "" && encoding !== "identity" && length !== size) {
    return {
      code: "bad-encoding",
      message: `came with content-encoding ${JSON.stringify(encoding.slice(0, 40))}, which was not asked for`,
    };
  }
  if (length === undefined || length === size) return undefined;
  return wrongSize(length, size);
}

/** RFC 9110, section 14.4. */
function checkRange(reply: Reply, size: number, offsetBytes: number): Problem | undefined {
  const [, first, total] = /^bytes (\d{1,15})-\d{1,15}\/(\d{1,15}|\*)$/.exec(reply.header("content-range") ?? "") ?? [];
  if (total !== undefined && total !== "*" && Number(total) !== size) return wrongSize(Number(total), size);
  if (Number(first) === offsetBytes) return undefined;
  return { code: "bad-range", message: "came from another place than asked for" };
}

/** Something must be there from here on, so that a refusal means that the registry's blob is shorter. */
function checkRefusedRange(reply: Reply, size: number, offsetBytes: number): Problem {
  const [, total] = /^bytes \*\/(\d{1,15})$/.exec(reply.header("content-range") ?? "") ?? [];
  if (total !== undefined && Number(total) !== size) return wrongSize(Number(total), size);
  return { code: "bad-range", message: `has ${size} bytes, but the registry refuses to go on at ${offsetBytes}` };
}

function wrongSize(actual: number, size: number): Problem {
  return { code: "size-mismatch", message: `has ${actual} bytes at the registry instead of ${size}` };
}

function lengthOf(reply: Reply): number | undefined {
  const header = reply.header("content-length") ?? "";
  return /^\d{1,15}$/.test(header) ? Number(header) : undefined;
}
