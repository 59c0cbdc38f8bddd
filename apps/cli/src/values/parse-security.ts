import { readFileSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import type { SecurityOptions } from "@galley/engine";
import { badValue, notYet } from "../flags/usage-error.ts";

type Parsed = Pick<SecurityOptions, "seccomp" | "labels" | "noNewPrivileges" | "maskedPaths" | "unmaskedPaths">;

/**
 * All `--security-opt`s together: seccomp=PATH|unconfined, label=…, no-new-privileges[=true|false], mask=/a:/b, unmask=ALL|/a:/b.
 * The old spelling with a colon instead of the equals sign is read too.
 *
 * @throws GalleyError invalid; unsupported for what other security modules would be asked to do
 */
export function parseSecurity(given: readonly string[], callerDirectory: string): Parsed {
  const sum: Parsed = {};
  for (const option of given) Object.assign(sum, parseOption(option, sum, callerDirectory));
  return sum;
}

function parseOption(option: string, before: Parsed, callerDirectory: string): Parsed {
  const [, key = "", text] = /^([a-z-]+)(?:[=:](.*))?$/s.exec(option) ?? [];
  if (key === "no-new-privileges") return { noNewPrivileges: parseSwitch(option, text ?? "true") };
  if (text === undefined) throw badValue(`invalid --security-opt ${JSON.stringify(option)}`);
  switch (key) {
    case "seccomp":
      return { seccomp: parseSeccomp(text, callerDirectory) };
    case "label":
      return { labels: [...(before.labels ?? []), text] };
    case "mask":
      return { maskedPaths: [...(before.maskedPaths ?? []), ...parsePaths(option, text)] };
    case "unmask":
      return {
        unmaskedPaths: [...(before.unmaskedPaths ?? []), ...(text === "ALL" ? ["ALL"] : parsePaths(option, text))],
      };
    case "apparmor":
      if (text === "unconfined") return {}; // no profile is ever applied
      throw notYet(`--security-opt ${JSON.stringify(option)}: AppArmor is not supported yet`);
    default:
      throw badValue(`invalid --security-opt ${JSON.stringify(option)}`);
  }
}

function parseSwitch(option: string, text: string): boolean {
  if (text === "true" || text === "false") return text === "true";
  throw badValue(`invalid --security-opt ${JSON.stringify(option)}: neither true nor false`);
}

function parsePaths(option: string, text: string): readonly string[] {
  const paths = text.split(":");
  if (!paths.every(isAbsolute))
    throw badValue(`invalid --security-opt ${JSON.stringify(option)}: paths must be absolute`);
  return paths;
}

function parseSeccomp(given: string, callerDirectory: string): NonNullable<Parsed["seccomp"]> {
  if (given === "unconfined") return "unconfined";
  if (given === "builtin" || given === "default") return "default";
  const path = resolve(callerDirectory, given);
  try {
    return { text: readFileSync(path, "utf8"), path };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw badValue(
      `opening seccomp profile failed: open ${given}: ${code === "ENOENT" ? "no such file or directory" : code}`,
    );
  }
}
