import { galleyError } from "@galley/spec";
import { maximalReads, maximalRemovedDirectories } from "./limits.ts";

/** Numbers of the descriptors the keeper inherits. */
export interface KeeperDescriptors {
  /** pidfd of the payload, whose parent the keeper is. */
  readonly child: number;
  /** The directory that gets the pid record. */
  readonly run: number;
  /** The directory that gets the exit record. */
  readonly keep: number;
  /** Our ends of the payload's pipes. */
  readonly stdin?: number;
  readonly stdout?: number;
  readonly stderr?: number;
  /** The master of a pseudo-terminal, instead of the three pipes. */
  readonly pty?: number;
  /** The log, opened for appending. */
  readonly log?: number;
  /** A listening unix stream socket for attach clients. */
  readonly listen?: number;
  /** A connected stream: the primary attach client. */
  readonly client?: number;
  /** Gets byte 1 once the pid record is written, or byte 2, errno (u32 little-endian) and a text when the start failed. */
  readonly ready?: number;
}

export interface KeeperOptions {
  readonly descriptors: KeeperDescriptors;
  /** File name of the exit record, `exit` unless given. */
  readonly exitName?: string;
  /** File name of the pid record, `pid` unless given. */
  readonly pidName?: string;
  /** Copied to both records. */
  readonly stamp?: string;
  /** Files whose first 4 KiB go into the exit record under these names: at most 16. */
  readonly read?: Readonly<Record<string, string>>;
  /** Directories to remove after the end (cgroups), in this order: at most 32. */
  readonly rmdir?: readonly string[];
  /** Close the payload's stdin when the primary client goes away, or when a client says end of stdin. */
  readonly stdinOnce?: boolean;
  /** A program (absolute path) and its arguments to become at the end, unless the primary client acknowledged the exit. */
  readonly afterwards?: readonly string[];
}

/**
 * The keeper's arguments, without the program itself.
 *
 * @throws GalleyError `invalid` for what the keeper would refuse.
 * @example
 * keeperArguments({ descriptors: { child: 3, run: 4, keep: 5 } }); // ["--child", "3", "--run", "4", "--keep", "5"]
 */
export function keeperArguments(options: KeeperOptions): string[] {
  check(options);
  const result: string[] = [];
  for (const [name, descriptor] of Object.entries(options.descriptors)) {
    if (descriptor !== undefined) result.push(`--${name}`, String(descriptor));
  }
  if (options.exitName !== undefined) result.push("--exit-name", options.exitName);
  if (options.pidName !== undefined) result.push("--pid-name", options.pidName);
  if (options.stamp !== undefined) result.push("--stamp", options.stamp);
  for (const [name, path] of Object.entries(options.read ?? {})) result.push("--read", `${name}=${path}`);
  for (const path of options.rmdir ?? []) result.push("--rmdir", path);
  if (options.stdinOnce) result.push("--stdin-once");
  if (options.afterwards !== undefined) result.push("--then", ...options.afterwards);
  if (result.some((argument) => argument.includes("\0"))) throw refused("an argument contains a NUL byte");
  return result;
}

function check(options: KeeperOptions): void {
  const { descriptors, read = {}, rmdir = [], afterwards } = options;
  for (const [name, descriptor] of Object.entries(descriptors)) {
    if (!Number.isInteger(descriptor) || descriptor < 0) throw refused(`descriptor ${name} is ${descriptor}`);
  }
  const pipes = [descriptors.stdin, descriptors.stdout, descriptors.stderr];
  if (descriptors.pty !== undefined && pipes.some((pipe) => pipe !== undefined)) {
    throw refused("a terminal and pipes exclude each other");
  }
  checkFileName(options.exitName);
  checkFileName(options.pidName);
  if (Object.keys(read).length > maximalReads) throw refused(`more than ${maximalReads} files to read`);
  if (Object.keys(read).some((name) => name.includes("="))) throw refused("a file's name contains =");
  if (rmdir.length > maximalRemovedDirectories) throw refused(`more than ${maximalRemovedDirectories} directories`);
  if (afterwards?.[0]?.startsWith("/") === false || afterwards?.length === 0)
    throw refused("afterwards needs an absolute program path");
}

function checkFileName(name: string | undefined): void {
  if (name === undefined) return;
  const bytes = Buffer.byteLength(name);
  if (bytes === 0 || bytes > 200 || name.includes("/") || name.startsWith(".")) throw refused(`file name ${name}`);
}

function refused(why: string): Error {
  return galleyError("invalid", "keeper.bad-arguments", `keeper arguments: ${why}`);
}
