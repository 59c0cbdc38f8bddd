import type { ImageRecord } from "@galley/engine";
import { formatPlatform, platformOf } from "@galley/spec";
import { printError } from "./output/print.ts";

/** Warns of an image whose programs are probably not this machine's. */
export function warnOfForeignPlatform({ platform }: Pick<ImageRecord, "platform">): void {
  const own = platformOf(process.arch);
  if (platform.os === own.os && platform.architecture === own.architecture) return;
  printError(
    `WARNING: image platform (${formatPlatform(platform)}) does not match the expected platform (${formatPlatform(own)})`,
  );
}
