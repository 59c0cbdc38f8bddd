import { galleyError } from "./error.ts";

/** What a program is built for, in Go's words (OCI image-spec, image-index.md "platform"). */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  /** Of the processor: `v7` of `arm`, `v2` of `amd64`. */
  readonly variant?: string;
  readonly "os.version"?: string;
  readonly "os.features"?: readonly string[];
  /** What the processor must have: in Docker's lists alone, the OCI keeps the name for later. */
  readonly features?: readonly string[];
}

const part = /^[A-Za-z0-9_.-]{1,64}$/;

/** Other names for an architecture, and the variant that such a name implies. */
const aliases: Readonly<Record<string, readonly [architecture: string, variant?: string]>> = {
  x86_64: ["amd64"],
  "x86-64": ["amd64"],
  i386: ["386"],
  i686: ["386"],
  aarch64: ["arm64"],
  armhf: ["arm", "v7"],
  armel: ["arm", "v6"],
};

const nodeArchitectures: Readonly<Record<string, string>> = {
  x64: "amd64",
  ia32: "386",
  arm: "arm",
  arm64: "arm64",
  // Node's own builds for these two are little-endian only.
  ppc64: "ppc64le",
  mipsel: "mipsle",
};

/**
 * Reads `os/architecture[/variant]`; common other names of an architecture are understood. Throws `invalid`.
 *
 * @example
 * parsePlatform("linux/arm64/v8"); // { os: "linux", architecture: "arm64", variant: "v8" }
 */
export function parsePlatform(text: string): Platform {
  const parts = text.split("/");
  const [os, name, given] = parts;
  if (os === undefined || name === undefined || parts.length > 3 || !parts.every((each) => part.test(each))) {
    const message = `invalid platform ${JSON.stringify(text.slice(0, 160))}: not os/architecture[/variant]`;
    throw galleyError("invalid", "spec.invalid-platform", message, { details: { platform: text } });
  }
  return normalizePlatform({ os, architecture: name, ...(given !== undefined && { variant: given }) });
}

/**
 * The same platform in its usual spelling, so that two can be compared: lower case, no alias of an architecture. The
 * variant stays as given.
 *
 * @example
 * normalizePlatform({ os: "Linux", architecture: "aarch64" }); // { os: "linux", architecture: "arm64" }
 */
export function normalizePlatform(platform: Platform): Platform {
  const name = platform.architecture.toLowerCase();
  const [architecture, implied] = (Object.hasOwn(aliases, name) ? aliases[name] : undefined) ?? [name];
  const variant = platform.variant?.toLowerCase() ?? implied;
  return { ...platform, os: platform.os.toLowerCase(), architecture, ...(variant !== undefined && { variant }) };
}

/**
 * `os/architecture[/variant]`
 *
 * @example
 * formatPlatform({ os: "linux", architecture: "arm", variant: "v7" }); // "linux/arm/v7"
 */
export function formatPlatform({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant ? [variant] : [])].join("/");
}

/**
 * The Linux platform of a machine, from Node's word for its processor.
 *
 * @example
 * platformOf(process.arch); // { os: "linux", architecture: "amd64" } on x64
 */
export function platformOf(nodeArch: string): Platform {
  const architecture = Object.hasOwn(nodeArchitectures, nodeArch) ? nodeArchitectures[nodeArch] : undefined;
  return { os: "linux", architecture: architecture ?? nodeArch };
}
