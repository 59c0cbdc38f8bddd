import { readdir } from "node:fs/promises";
import { wrapError } from "@galley/spec";
import type { ReadTextFile } from "../auth-files.ts";
import { readTextFile } from "../read-text-file.ts";
import { badConf } from "./conf-table.ts";
import { maxConfFileBytes } from "./limits.ts";
import { type ConfFile, parseRegistriesConf } from "./parse-registries-conf.ts";
import type { RegistriesConf, RegistryEntry, ShortNameAlias } from "./registries-conf.ts";

export interface RegistriesConfOptions {
  /** `HOME` and `CONTAINERS_REGISTRIES_CONF` count. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Read alone: neither the usual files nor drop-ins. */
  readonly path?: string;
  /** What the system's files are below, `/etc/containers` unless given. */
  readonly systemDirectory?: string;
}

/**
 * Reads registries.conf and its drop-ins (containers-registries.conf(5), containers-registries.conf.d(5)): the user's file or
 * else the system's, then the system's `registries.conf.d/*.conf` in order of their names, then the user's. Later files
 * replace what earlier ones say about a setting, an alias or a registry. Where no file is, nothing but that is found out.
 *
 * @throws invalid registry.bad-registries-conf, with the file and the key
 *
 * @example
 * const conf = await readRegistriesConf({ environment: process.env });
 * console.log(conf.searchRegistries);
 */
export async function readRegistriesConf(options: RegistriesConfOptions): Promise<RegistriesConf> {
  const { main, files } = await readFiles(options);
  const parsed: (readonly [path: string, file: ConfFile])[] = [];
  for (const [path, text] of files) parsed.push([path, parseRegistriesConf(path, await parseToml(path, text))]);
  const last = <K extends keyof ConfFile>(key: K): ConfFile[K] | undefined =>
    parsed.findLast(([, file]) => file[key] !== undefined)?.[1][key];
  const searchRegistries = last("searchRegistries");
  return {
    path: main,
    ...(searchRegistries && { searchRegistries }),
    shortNameMode: last("shortNameMode") ?? "permissive",
    credentialHelpers: last("credentialHelpers") ?? [],
    aliases: mergeAliases(parsed),
    registries: mergeRegistries(parsed),
  };
}

interface ConfFiles {
  readonly main: string;
  readonly files: ReadonlyMap<string, string>;
}

async function readFiles({
  environment,
  path,
  systemDirectory = "/etc/containers",
}: RegistriesConfOptions): Promise<ConfFiles> {
  const only = path ?? environment["CONTAINERS_REGISTRIES_CONF"];
  const directories = [systemDirectory, ...(environment["HOME"] ? [`${environment["HOME"]}/.config/containers`] : [])];
  const mains = only ? [only] : directories.map((directory) => `${directory}/registries.conf`).reverse();
  const found = await firstOf(mains, readTextFile);
  if (only && !found) throw badConf(only, "no such file");
  const dropIns = path === undefined ? await Promise.all(directories.map(dropInsOf)) : [];
  const texts = await Promise.all(dropIns.flat().map(async (each) => [each, await readTextFile(each)] as const));
  const files = new Map(found ? [found] : []);
  // One that has gone since the directory was read says nothing.
  for (const [each, text] of texts) if (text !== undefined) files.set(each, text);
  return { main: found?.[0] ?? `${systemDirectory}/registries.conf`, files };
}

async function firstOf(
  paths: readonly string[],
  read: ReadTextFile,
): Promise<[path: string, text: string] | undefined> {
  for (const path of paths) {
    const text = await read(path);
    if (text !== undefined) return [path, text];
  }
  return undefined;
}

async function dropInsOf(directory: string): Promise<string[]> {
  const path = `${directory}/registries.conf.d`;
  try {
    const names = await readdir(path);
    return names
      .filter((name) => name.endsWith(".conf"))
      .sort()
      .map((name) => `${path}/${name}`);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw wrapError(`read ${path}`, cause);
  }
}

async function parseToml(path: string, text: string): Promise<unknown> {
  if (text.length > maxConfFileBytes) throw badConf(path, "the file is too large");
  // Files of a distribution are often nothing but comments.
  if (!/^[^\S\n]*[^#\s]/m.test(text)) return {};
  const { parse, TomlError } = await import("smol-toml");
  try {
    return parse(text);
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const [why = ""] = cause.message.split("\n");
    throw badConf(path, `line ${cause.line}: ${why}`, { line: cause.line });
  }
}

function mergeAliases(
  files: readonly (readonly [path: string, file: ConfFile])[],
): ReadonlyMap<string, ShortNameAlias> {
  const merged = new Map<string, ShortNameAlias>();
  for (const [path, { aliases }] of files) {
    for (const [name, target] of aliases) {
      if (target === "") merged.delete(name);
      else merged.set(name, { target, path });
    }
  }
  return merged;
}

function mergeRegistries(files: readonly (readonly [path: string, file: ConfFile])[]): RegistryEntry[] {
  const all = files.flatMap(([, { registries }]) => registries);
  return [...new Map(all.map((entry) => [entry.prefix, entry])).values()];
}
