import type { FlagName } from "@galley/plan";
import { galleyError } from "@galley/spec";
import { limits } from "./limits.ts";
import { type AccessTime, type MountFlag, type OptionMeaning, plainMeaning, recursiveMeaning } from "./option-table.ts";

/** Attributes to set and to clear; what neither names stays as it is. */
export interface AttributeChange {
  readonly set: readonly MountFlag[];
  readonly clear: readonly MountFlag[];
}

/** A mount's propagation (mount_namespaces(7)). */
export interface PropagationChange {
  readonly type: FlagName<"propagation">;
  readonly recursive: boolean;
}

/** Mount options, understood. */
export interface MountOptions {
  /** `bind` takes one mount, `rbind` also what is mounted beneath it. */
  readonly bind?: "one" | "tree";
  /** Of the mount itself. */
  readonly top: AttributeChange;
  /** Of the mount and all beneath it: the `rro` family. */
  readonly tree: AttributeChange;
  /** In the order given. */
  readonly propagation: readonly PropagationChange[];
  /** For the file system: `key=value` or a word. */
  readonly data: readonly string[];
  readonly remount: boolean;
}

/**
 * Parses the options of an OCI mount (OCI runtime-spec, config.md "Linux mount options"; mount(8)). Later options win.
 * Words without a meaning of their own are data for the file system, which then accepts or refuses them.
 *
 * @throws `unsupported` for options that are known and cannot be honoured (`idmap`, `tmpcopyup`), `invalid` for a zero byte or
 * a value over 255 bytes.
 *
 * @example
 * parseMountOptions(["rbind", "ro", "nosuid", "rslave"]).top.set; // ["readOnly", "noSuid"]
 */
export function parseMountOptions(options: readonly string[]): MountOptions {
  const words = options.filter((option) => option !== "");
  const meanings = words.map((word) => ({ word, recursive: recursiveMeaning(word) }));
  const plain = meanings
    .filter(({ recursive }) => !recursive)
    .map(({ word }) => ({ word, meaning: plainMeaning(word) }));
  const deep = meanings.flatMap(({ recursive }) => (recursive ? [recursive] : []));
  for (const { word, meaning } of plain) refuseUnsupported(word, meaning);
  const bind = plain.findLast(({ meaning }) => meaning.kind === "bind")?.meaning;
  return {
    ...(bind?.kind === "bind" ? { bind: bind.recursive ? "tree" : "one" } : {}),
    top: changeOf(plain.map(({ meaning }) => meaning)),
    tree: changeOf(deep),
    propagation: propagationsOf(meanings.map(({ word, recursive }) => recursive ?? plainMeaning(word))),
    data: plain.flatMap(({ word, meaning }) => (meaning.kind === "data" ? splitData(word) : [])),
    remount: plain.some(({ meaning }) => meaning.kind === "remount"),
  };
}

/** Whether a change changes nothing. */
export function isEmptyChange(change: AttributeChange): boolean {
  return change.set.length === 0 && change.clear.length === 0;
}

function changeOf(meanings: readonly OptionMeaning[]): AttributeChange {
  const wanted = new Map<MountFlag, boolean>();
  let accessTime: AccessTime | undefined;
  for (const meaning of meanings) {
    if (meaning.kind === "attribute") wanted.set(meaning.flag, meaning.on);
    if (meaning.kind === "accessTime") accessTime = meaning.flag;
  }
  const flags = [...wanted];
  return {
    set: [...flags.filter(([, on]) => on).map(([flag]) => flag), ...(accessTime ? [accessTime] : [])],
    clear: flags.filter(([, on]) => !on).map(([flag]) => flag),
  };
}

function propagationsOf(meanings: readonly OptionMeaning[]): PropagationChange[] {
  return meanings.flatMap((meaning) =>
    meaning.kind === "propagation" ? [{ type: meaning.type, recursive: meaning.recursive }] : [],
  );
}

function refuseUnsupported(word: string, meaning: OptionMeaning): void {
  if (meaning.kind !== "unsupported") return;
  throw galleyError("unsupported", "mounts.option", `mount option ${word}: ${meaning.why}`, {
    details: { option: word },
  });
}

/**
 * mount(8) takes several options in one word, separated by commas; fsconfig(2) takes one at a time. Commas inside quotes
 * belong to the value (SELinux category lists), and so do those of `mpol=` before a digit (tmpfs(5)).
 */
function splitData(option: string): readonly string[] {
  const parts: string[] = [];
  for (const piece of option.match(/(?:"[^"]*"|[^,"])+/g) ?? []) {
    const last = parts.at(-1);
    if (last?.startsWith("mpol=") && /^\d/.test(piece)) parts[parts.length - 1] = `${last},${piece}`;
    else parts.push(piece.replaceAll('"', ""));
  }
  for (const part of parts) checkData(part);
  return parts;
}

function checkData(option: string): void {
  const value = option.slice(option.indexOf("=") + 1);
  if (option.includes("\0") || option.startsWith("=")) {
    throw galleyError("invalid", "mounts.option", `mount option ${JSON.stringify(option)} is malformed`);
  }
  if (Buffer.byteLength(value) > limits.optionBytes) {
    throw galleyError(
      "invalid",
      "mounts.option",
      `mount option ${option.slice(0, 20)}... is over ${limits.optionBytes} bytes`,
    );
  }
}
