import { badValue, notYet } from "../flags/usage-error.ts";

/** A type of manifest. Schema 1 is refused. */
export function parseManifestFormat(given: string): "oci" | "v2s2" {
  if (given === "oci") return "oci";
  if (given === "v2s2" || given === "docker") return "v2s2";
  if (given === "v2s1") throw notYet("manifests of Docker's schema 1 cannot be written");
  throw badValue(`unknown format ${JSON.stringify(given)}. choose one of the supported formats: 'oci', 'v2s2'`);
}

/** A compression of layers. What zstd:chunked adds for partial pulls is left out; it is read as zstd everywhere. */
export function parseCompression(given: string): "gzip" | "zstd" {
  if (given === "gzip") return "gzip";
  if (given === "zstd" || given === "zstd:chunked") return "zstd";
  throw badValue(`unknown compression ${JSON.stringify(given)}: it can be gzip or zstd`);
}

const levels = { first: 1, last: 19 };

/** How hard to compress. Which levels there are depends on the compression; gzip's are 1 to 9. */
export function parseLevel(given: string): number {
  const level = Number(given);
  if (/^\d+$/.test(given) && level >= levels.first && level <= levels.last) return level;
  throw badValue(`unknown compression level ${JSON.stringify(given)}`);
}
