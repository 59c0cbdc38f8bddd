import { existsSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { badValue, notYet } from "../flags/usage-error.ts";

/** A directory or file of the host, in the container. */
export interface ParsedVolume {
  readonly hostPath: string;
  readonly containerPath: string;
  readonly options: readonly string[];
}

const passedOn = new Set([
  ...["ro", "rw", "exec", "noexec", "dev", "nodev", "suid", "nosuid", "bind", "rbind"],
  ...["shared", "rshared", "slave", "rslave", "private", "rprivate", "unbindable", "runbindable"],
]);
/** They say how a volume is filled; a directory of the host is not. */
const withoutMeaning = new Set(["copy", "nocopy"]);
const later: Readonly<Record<string, string>> = {
  O: "overlay volumes are not supported yet",
  U: "changing the owner of a volume is not supported yet",
  idmap: "id-mapped volumes are not supported yet",
};

/**
 * One `--volume`: SOURCE:TARGET[:OPTIONS]. A source with a slash, or beginning with a dot, is a path, relative to the caller's directory.
 *
 * @throws GalleyError invalid; unsupported for named and anonymous volumes
 * @example parseVolume("./data:/data:ro", "/home/me"); // { hostPath: "/home/me/data", containerPath: "/data", options: ["ro"] }
 */
export function parseVolume(given: string, callerDirectory: string): ParsedVolume {
  const [source = "", target, options = "", ...more] = given.split(":");
  if (target === undefined) throw notYet(`volume ${JSON.stringify(given)}: anonymous volumes are not supported yet`);
  if (more.length > 0 || source === "")
    throw badValue(`invalid volume ${JSON.stringify(given)}: SOURCE:TARGET[:OPTIONS] is expected`);
  if (!isPath(source)) throw notYet(`volume ${JSON.stringify(source)}: named volumes are not supported yet`);
  if (!isAbsolute(target)) throw badValue(`invalid container path ${JSON.stringify(target)}, must be an absolute path`);
  if (resolve(target) === "/") throw badValue('invalid container path "/": it is the container\'s own root');
  return { hostPath: resolve(callerDirectory, source), containerPath: resolve(target), options: parseOptions(options) };
}

function isPath(source: string): boolean {
  return source.includes("/") || source.startsWith(".");
}

function parseOptions(options: string): readonly string[] {
  const words = options.split(",").filter((word) => word !== "");
  return words.flatMap((word) => {
    const why = later[word.split("=", 1)[0] ?? ""];
    if (why !== undefined) throw notYet(`volume option ${word}: ${why}`);
    if (word === "z" || word === "Z") return relabel(word);
    if (withoutMeaning.has(word)) return [];
    if (!passedOn.has(word)) throw badValue(`invalid volume option ${JSON.stringify(word)}`);
    return [word];
  });
}

/** New labels for files mean something on SELinux hosts alone; command lines that are carried around have them everywhere. */
function relabel(word: string): readonly string[] {
  if (existsSync("/sys/fs/selinux/enforce")) throw notYet(`volume option ${word}: relabelling is not supported yet`);
  return [];
}
