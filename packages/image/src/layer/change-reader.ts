import { galleyError, nameBytes } from "@galley/spec";
import { type LayerLimits, maxDeviceMajor, maxDeviceMinor, maxOwnerId, maxPathBytes } from "../limits.ts";
import { badNumber } from "../tar/tar-error.ts";
import type { TarEvent, TarHeader } from "../tar/tar-event.ts";
import { badName, entryPath } from "./entry-path.ts";
import { keptXattrs, overlayMark } from "./kept-xattrs.ts";
import type { LayerAttributes, LayerChange } from "./layer-change.ts";
import { whiteout } from "./whiteout.ts";

/** Gives an archive's events the meaning they have in a layer. */
export interface ChangeReader {
  read(events: readonly TarEvent[]): LayerChange[];
}

/** A reader for one layer. */
export function createChangeReader({ maxEntries }: Pick<LayerLimits, "maxEntries">): ChangeReader {
  let entries = 0;
  /** Whether the entry at hand is a file whose content counts. */
  let inFile = false;
  const read = (event: TarEvent): LayerChange[] => {
    if (event.type === "data" || event.type === "hole") return inFile ? [event] : [];
    if (event.type === "entryEnd") return inFile ? [{ type: "fileEnd" }] : [];
    entries += 1;
    if (entries > maxEntries)
      throw galleyError("unsupported", "image.too-large", `the layer has more than ${maxEntries} entries`);
    const change = entryChange(event.header);
    inFile = change?.type === "file";
    return change ? [change] : [];
  };
  return { read: (events) => events.flatMap(read) };
}

/** Undefined for entries that say nothing. */
function entryChange(header: TarHeader): LayerChange | undefined {
  const path = entryPath(header.name);
  const marked = whiteout(path);
  if (marked) return marked === "ignored" ? undefined : marked;
  if (path === "" && header.flag !== "5")
    throw galleyError("invalid", "image.entry-root", "the layer makes its root something other than a directory");
  return typedChange(header, path);
}

function typedChange(header: TarHeader, path: string): LayerChange {
  if (header.flag === "1") return { type: "link", path, existing: linkTarget(header, path) };
  const common = { path, attributes: attributes(header), xattrs: keptXattrs(header.records, path) };
  switch (header.flag) {
    case "0":
    // POSIX: contiguous files, to be read as regular ones where there is no such thing.
    case "7":
      return { ...common, type: "file", sizeBytes: header.sizeBytes };
    case "2":
      return { ...common, type: "symlink", target: symlinkTarget(header), xattrs: withoutUser(common.xattrs) };
    case "3":
      return { ...common, type: "character", ...device(header, path), xattrs: withoutUser(common.xattrs) };
    case "4":
      return { ...common, type: "block", ...device(header, path), xattrs: withoutUser(common.xattrs) };
    case "5":
      return { ...common, type: "directory" };
    case "6":
      return { ...common, type: "fifo", xattrs: withoutUser(common.xattrs) };
    default:
      throw unknownType(header);
  }
}

function unknownType({ flag, name }: TarHeader) {
  const shown = `${JSON.stringify(flag)} (${JSON.stringify(name.slice(0, 120))})`;
  return galleyError("unsupported", "image.entry-type", `the layer has an entry of type ${shown}`, {
    details: { name, flag },
  });
}

/** Only files and directories have user attributes (xattr(7)). */
function withoutUser(xattrs: Map<string, Uint8Array>): Map<string, Uint8Array> {
  return new Map([...xattrs].filter(([name]) => !name.startsWith("user.")));
}

function attributes({ uid, gid, mode, seconds, nanoseconds, name }: TarHeader): LayerAttributes {
  for (const id of [uid, gid])
    if (id < 0 || id > maxOwnerId) throw badNumber(`the owner id ${id} on ${JSON.stringify(name.slice(0, 120))}`);
  if (mode < 0) throw badNumber(`the mode ${mode} on ${JSON.stringify(name.slice(0, 120))}`);
  // A remainder, since a mode may have more bits than JavaScript's bitwise operators take.
  return { uid, gid, mode: mode % 0o10000, seconds, nanoseconds };
}

function device({ major, minor }: TarHeader, path: string): { major: number; minor: number } {
  if (major < 0 || major > maxDeviceMajor || minor < 0 || minor > maxDeviceMinor)
    throw badNumber(`the device number ${major}:${minor} on ${JSON.stringify(path.slice(0, 120))}`);
  if (major === 0 && minor === 0) throw overlayMark(path, "the device 0:0");
  return { major, minor };
}

function symlinkTarget({ linkName, name }: TarHeader): string {
  if (linkName === "" || linkName.includes("\0")) throw badName(name, "a symbolic link to nothing");
  if (nameBytes(linkName) > maxPathBytes) throw badName(name, `a symbolic link to more than ${maxPathBytes} bytes`);
  return linkName;
}

function linkTarget({ linkName }: TarHeader, path: string): string {
  const existing = entryPath(linkName);
  if (existing === path || existing === "") throw badName(path, "a hard link to itself or to the root");
  if (whiteout(existing)) throw badName(path, "a hard link to a whiteout");
  return existing;
}
