import { open } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type Digest, digestAlgorithm, digestHex, galleyError, type Reference, wrapError } from "@galley/spec";
import { lookasideLimitMs, maxSignatures, maxSimpleSignatureBytes } from "./limits.ts";

/**
 * The simple signatures of an image in a signature store: `<store>/<repository>@<algorithm>=<hex>/signature-1` and so on, up to the first
 * that is not there.
 *
 * @throws unavailable trust.no-lookaside, when the store does not answer
 *
 * @example
 * const signatures = await lookasideSignatures(new URL("https://signatures.example.com"), reference, digest);
 */
export async function lookasideSignatures(
  store: URL,
  { repository }: Reference,
  digest: Digest,
): Promise<Uint8Array[]> {
  const found: Uint8Array[] = [];
  const base = store.pathname.replace(/\/+$/, "");
  for (let number = 1; number <= maxSignatures; number++) {
    const url = new URL(store);
    url.pathname = `${base}/${repository}@${digestAlgorithm(digest)}=${digestHex(digest)}/signature-${number}`;
    const bytes = url.protocol === "file:" ? await readLocal(url) : await download(url);
    if (!bytes) break;
    found.push(bytes);
  }
  return found;
}

async function readLocal(url: URL): Promise<Uint8Array | undefined> {
  try {
    await using file = await open(fileURLToPath(url));
    const { size } = await file.stat();
    if (size > maxSimpleSignatureBytes) throw tooLarge(url);
    return await file.readFile();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw wrapError(`read signature ${url}`, cause);
  }
}

async function download(url: URL): Promise<Uint8Array | undefined> {
  try {
    const reply = await fetch(url, { signal: AbortSignal.timeout(lookasideLimitMs) });
    if (reply.status === 404) return void (await reply.body?.cancel());
    if (!reply.ok) throw new Error(`the signature store answered ${reply.status}`);
    const parts: Uint8Array[] = [];
    let sizeBytes = 0;
    for await (const part of reply.body ?? []) {
      sizeBytes += part.byteLength;
      if (sizeBytes > maxSimpleSignatureBytes) throw tooLarge(url);
      parts.push(part);
    }
    return Buffer.concat(parts);
  } catch (cause) {
    const message = wrapError(`fetch signature ${url}`, cause).message;
    throw galleyError("unavailable", "trust.no-lookaside", message, { cause });
  }
}

function tooLarge(url: URL): Error {
  return galleyError(
    "corrupt",
    "trust.signature-too-large",
    `signature ${url} is larger than ${maxSimpleSignatureBytes} bytes`,
  );
}
