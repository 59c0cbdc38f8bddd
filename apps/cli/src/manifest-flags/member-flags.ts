import type { MemberWords } from "@galley/engine";
import { type FlagValues, list, text, value } from "../flags/flag.ts";
import { parseLabel } from "../values/parse-label.ts";

/** The flags that say what a manifest list tells about one of its manifests. Read them with {@link memberWords}. */
export const memberFlags = {
  annotation: list("KEY=VALUE", "Set an annotation", parseLabel),
  arch: value("ARCH", "Say that it is for this architecture", text),
  features: list("FEATURES", "Say that it needs these features of the processor, with commas between", commaSeparated),
  os: value("OS", "Say that it is for this operating system", text),
  "os-features": list(
    "FEATURES",
    "Say that it needs these features of the system, with commas between",
    commaSeparated,
  ),
  "os-version": value("VERSION", "Say that it is for this version of the operating system", text),
  variant: value("VARIANT", "Say that it is for this variant of the architecture", text),
};

function commaSeparated(given: string): string[] {
  return given.split(",").filter((part) => part !== "");
}

/** What the flags say; undefined parts stay as the image has them. */
export function memberWords(flags: FlagValues<typeof memberFlags>): MemberWords {
  const { annotation, arch, features, os, variant } = flags;
  const { "os-features": osFeatures, "os-version": osVersion } = flags;
  const platform = {
    ...(os === undefined ? {} : { os }),
    ...(arch === undefined ? {} : { architecture: arch }),
    ...(variant === undefined ? {} : { variant }),
    ...(osVersion === undefined ? {} : { "os.version": osVersion }),
    ...(osFeatures.length === 0 ? {} : { "os.features": osFeatures.flat() }),
    ...(features.length === 0 ? {} : { features: features.flat() }),
  };
  return {
    ...(Object.keys(platform).length === 0 ? {} : { platform }),
    ...(annotation.length === 0 ? {} : { annotations: Object.fromEntries(annotation) }),
  };
}
