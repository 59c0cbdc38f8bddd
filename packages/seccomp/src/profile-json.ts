import type { SeccompProfile } from "./profile.ts";

/** ECMAScript's JSON.rawJSON, which the type library of es2024 does not know yet. */
interface RawJson {
  rawJSON(text: string): unknown;
}

/** JSON has no `undefined` but needs 64-bit values written out exactly. */
function replacer(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? (JSON as unknown as RawJson).rawJSON(value.toString()) : value;
}

/**
 * Writes a profile as the JSON that Docker and Podman read with `--security-opt seccomp=FILE`.
 *
 * @example
 * await writeFile("seccomp.json", toProfileJson(defaultProfile));
 */
export function toProfileJson(profile: SeccompProfile): string {
  return `${JSON.stringify(profile, replacer, 2)}\n`;
}
