import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { galleyError } from "@galley/spec";
import { gpgvLimitMs, maxPayloadBytes } from "./limits.ts";

/**
 * What a signed OpenPGP message says, when one of the keys has signed it. Throws an `Error` that says what is wrong with the
 * signature, and a `GalleyError` when that cannot be found out.
 */
export type VerifyOpenPgp = (message: Uint8Array, keyRings: readonly Uint8Array[]) => Promise<Uint8Array>;

/**
 * Verifies with the program `gpgv`, which is made for this: it knows no secret keys, and takes each key of its rings for good.
 *
 * @throws unsupported trust.no-gpgv
 *
 * @example
 * const payload = await verifyOpenPgp(signature, [await readFile("/etc/pki/keys.gpg")]);
 */
export const verifyOpenPgp: VerifyOpenPgp = async (message, keyRings) => {
  const folder = await mkdtemp(join(tmpdir(), "galley-trust-"));
  try {
    const paths = keyRings.map((_, index) => join(folder, `${index}.gpg`));
    for (const [index, ring] of keyRings.entries())
      await writeFile(paths[index] ?? "", unarmored(ring), { mode: 0o600 });
    const { status, content } = await runGpgv(message, paths, folder);
    checkStatus(status);
    return content;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

interface Verdict {
  readonly status: string;
  readonly content: Uint8Array;
}

async function runGpgv(message: Uint8Array, keyRings: readonly string[], folder: string): Promise<Verdict> {
  const rings = keyRings.flatMap((path) => ["--keyring", path]);
  const child = spawn("gpgv", ["--homedir", folder, ...rings, "--status-fd", "3", "--output", "-", "-"], {
    stdio: ["pipe", "pipe", "ignore", "pipe"],
    env: { PATH: "/usr/local/bin:/usr/bin:/bin", LC_ALL: "C" },
    timeout: gpgvLimitMs,
    killSignal: "SIGKILL",
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.once("error", (cause) => reject(noGpgv(cause)));
    child.once("close", () => resolve());
  });
  // It may end before it has read everything.
  child.stdin?.on("error", () => undefined).end(message);
  const [content, status] = await Promise.all([
    collect(child.stdio[1] as AsyncIterable<Uint8Array>),
    collect(child.stdio[3] as AsyncIterable<Uint8Array>),
    ended,
  ]);
  return { content, status: Buffer.from(status).toString() };
}

/** The first part, one byte longer than is taken; the rest is read and dropped, so that the program ends. */
async function collect(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const part of stream) {
    if (sizeBytes <= maxPayloadBytes) parts.push(part);
    sizeBytes += part.byteLength;
  }
  return Buffer.concat(parts).subarray(0, maxPayloadBytes + 1);
}

/** Exactly one good signature over exactly one text, and nothing that takes it back (GnuPG, doc/DETAILS). */
function checkStatus(status: string): void {
  const words = status.split("\n").flatMap((line) => /^\[GNUPG:\] ([A-Z_]+)/.exec(line)?.[1] ?? []);
  const count = (word: string): number => words.filter((each) => each === word).length;
  const bad = words.find((word) => badWords.has(word));
  if (bad) throw new Error(badWords.get(bad));
  if (count("GOODSIG") !== 1 || count("VALIDSIG") !== 1 || count("PLAINTEXT") !== 1)
    throw new Error("Invalid GPG signature");
}

const badWords: ReadonlyMap<string, string> = new Map([
  ["BADSIG", "Invalid GPG signature"],
  ["ERRSIG", "Invalid GPG signature: by a key that is not accepted"],
  ["EXPSIG", "Invalid GPG signature: it has expired"],
  ["EXPKEYSIG", "Invalid GPG signature: its key has expired"],
  ["REVKEYSIG", "Invalid GPG signature: its key has been revoked"],
]);

/** A key ring as gpgv wants it, without the paper around it (RFC 9580, section 6). */
function unarmored(ring: Uint8Array): Uint8Array {
  const text = Buffer.from(ring).toString("latin1");
  if (!text.includes("-----BEGIN PGP PUBLIC KEY BLOCK-----")) return ring;
  const blocks = text.matchAll(
    /-----BEGIN PGP PUBLIC KEY BLOCK-----[^\n]*\n(?:[^\n]*:[^\n]*\n)*\s*\n([A-Za-z0-9+/=\s]+?)(?:\n=[A-Za-z0-9+/]{4}\s*)?-----END PGP/g,
  );
  return Buffer.concat([...blocks].map(([, body = ""]) => Buffer.from(body, "base64")));
}

function noGpgv(cause: unknown): Error {
  const message =
    "the policy wants a GPG signature (signedBy), and the program gpgv, which verifies those, cannot be run";
  return galleyError("unsupported", "trust.no-gpgv", message, { cause });
}
