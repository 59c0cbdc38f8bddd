import { type Platform, parsePlatform, platformOf } from "@galley/spec";
import { type FlagValues, text, value } from "../flags/flag.ts";
import { badValue } from "../flags/usage-error.ts";

/** The flags of commands that choose among the platforms of an image. Read them with {@link platformFrom}. */
export const platformFlags = {
  platform: value("OS/ARCH[/VARIANT]", "Take the image for this platform instead of this machine's", parsePlatform),
  arch: value("ARCH", "Take the image for this architecture", text),
  os: value("OS", "Take the image for this operating system", text),
  variant: value("VARIANT", "Take the image for this variant of the architecture", text),
};

/** Which platform the flags ask for; undefined when they do not. What is left out is as on this machine. */
export function platformFrom(flags: Partial<FlagValues<typeof platformFlags>>): Platform | undefined {
  const { platform, arch, os, variant } = flags;
  const parts = [arch, os, variant].some((part) => part !== undefined);
  if (platform && parts) throw badValue("--platform option can not be specified with --arch, --os or --variant");
  if (platform || !parts) return platform;
  const own = platformOf(process.arch);
  if (arch === undefined) return { ...own, os: os ?? own.os, ...(variant === undefined ? {} : { variant }) };
  return parsePlatform([os ?? own.os, arch, ...(variant === undefined ? [] : [variant])].join("/"));
}
