import { readdir } from "node:fs/promises";
import { type GalleyError, galleyError, wrapError } from "@galley/spec";
import type { TlsOptions } from "../options.ts";
import { readTextFile } from "../read-text-file.ts";
import { maxConfFileBytes } from "./limits.ts";

export interface CertificateOptions {
  /** `HOME` counts. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Looked into alone, like `--cert-dir`. */
  readonly directory?: string;
  /** What the system's certs.d directories are in, `/etc/containers` and `/etc/docker` unless given. */
  readonly systemDirectories?: readonly string[];
}

/**
 * The certificates for a registry (containers-certs.d(5)): of the user's certs.d, else the system's, else Docker's, the first that has a
 * folder named as the registry, `host` or `host:port`. Its `*.crt` are trusted besides the usual authorities; of `NAME.cert` and
 * `NAME.key` the first pair by name is shown to a registry that asks. Undefined when there is no such folder.
 *
 * @throws invalid registry.bad-certificates, when one half of a pair is missing or a file is none of these
 *
 * @example
 * const tls = await certificatesFor("registry.example.com:5000", { environment: process.env });
 * await using repository = openRepository(reference, { ...(tls && { tls }) });
 */
export async function certificatesFor(domain: string, options: CertificateOptions): Promise<TlsOptions | undefined> {
  for (const directory of directoriesFor(domain, options)) {
    const names = await namesIn(directory);
    if (names) return readCertificates(directory, names);
    if (options.directory !== undefined) throw bad(directory, "there is no such directory");
  }
  return undefined;
}

function directoriesFor(domain: string, { environment, directory, systemDirectories }: CertificateOptions): string[] {
  if (directory !== undefined) return [directory];
  const home = environment["HOME"] ? [`${environment["HOME"]}/.config/containers`] : [];
  const all = [...home, ...(systemDirectories ?? ["/etc/containers", "/etc/docker"])];
  return all.map((each) => `${each}/certs.d/${domain}`);
}

async function namesIn(directory: string): Promise<string[] | undefined> {
  try {
    return (await readdir(directory)).sort();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw wrapError(`read ${directory}`, cause);
  }
}

async function readCertificates(directory: string, names: readonly string[]): Promise<TlsOptions> {
  const ca = await Promise.all(names.filter((name) => name.endsWith(".crt")).map((name) => read(directory, name)));
  const client = clientName(directory, names);
  return {
    ...(ca.length > 0 && { ca: [...(await usualAuthorities()), ...ca] }),
    ...(client !== undefined && {
      cert: await read(directory, `${client}.cert`),
      key: await read(directory, `${client}.key`),
    }),
  };
}

/** The first of the pairs; all must be whole. */
function clientName(directory: string, names: readonly string[]): string | undefined {
  const withEnd = (end: string): string[] =>
    names.filter((name) => name.endsWith(end)).map((name) => name.slice(0, -end.length));
  const [certificates, keys] = [withEnd(".cert"), withEnd(".key")];
  const keyless = certificates.find((name) => !keys.includes(name));
  if (keyless !== undefined) {
    const hint = "CA certificates must have the extension .crt";
    throw bad(directory, `missing key ${keyless}.key for client certificate ${keyless}.cert, ${hint}`);
  }
  const lonely = keys.find((name) => !certificates.includes(name));
  if (lonely !== undefined) throw bad(directory, `missing client certificate ${lonely}.cert for key ${lonely}.key`);
  return certificates[0];
}

async function read(directory: string, name: string): Promise<string> {
  const text = await readTextFile(`${directory}/${name}`);
  if (text === undefined || text.length > maxConfFileBytes || !text.includes("-----BEGIN ")) {
    throw bad(directory, `${name} is not a PEM file`);
  }
  return text;
}

/** Node's own list, and this machine's. */
async function usualAuthorities(): Promise<readonly string[]> {
  const { getCACertificates } = await import("node:tls");
  return [...new Set([...getCACertificates("default"), ...getCACertificates("system")])];
}

function bad(directory: string, why: string): GalleyError {
  const details = { directory };
  return galleyError("invalid", "registry.bad-certificates", `read certificates of ${directory}: ${why}`, { details });
}
