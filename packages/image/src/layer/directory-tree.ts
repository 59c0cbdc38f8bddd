import { galleyError } from "@galley/spec";

/** A name that this layer has made a directory, or hidden. */
export interface KnownDirectory {
  /** A whiteout bears the name. */
  hidden?: boolean;
  /** Its mark is set. */
  opaque?: boolean;
  /** To be set at the end; absent for parents that no entry named. */
  times?: { readonly seconds: number; readonly nanoseconds: number };
  children?: Map<string, KnownDirectory>;
}

/** A parent on the way to a name. */
export interface Parent {
  readonly path: string;
  readonly known: KnownDirectory;
  /** Not known before. */
  readonly fresh: boolean;
}

/** What has been said of directories so far. A tree, so that forgetting one with all beneath is one operation. */
export interface DirectoryTree {
  /** The parents of a path from the top; those that were not known become so. */
  parents(path: string): Iterable<Parent>;
  find(path: string): KnownDirectory | undefined;
  /** The known directory of that name, made known when it was not. */
  add(path: string): KnownDirectory;
  /** The name is something else now. */
  forget(path: string): void;
  /** All times to set, parents before children. */
  times(): Iterable<[path: string, times: NonNullable<KnownDirectory["times"]>]>;
}

/** A tree that knows the root alone. Throws unsupported `image.too-large` when it grows beyond so many directories. */
export function createDirectoryTree(maxDirectories: number): DirectoryTree {
  const root: KnownDirectory = {};
  let count = 0;
  const child = (parent: KnownDirectory, name: string) => {
    const known = parent.children?.get(name);
    if (known) return { known, fresh: false };
    count += 1;
    if (count > maxDirectories) throw tooMany(maxDirectories);
    const made: KnownDirectory = {};
    parent.children ??= new Map();
    parent.children.set(name, made);
    return { known: made, fresh: true };
  };
  function* parents(path: string): Iterable<Parent> {
    let at = root;
    let start = 0;
    for (let end = path.indexOf("/"); end >= 0; end = path.indexOf("/", start)) {
      const { known, fresh } = child(at, path.slice(start, end));
      yield { path: path.slice(0, end), known, fresh };
      at = known;
      start = end + 1;
    }
  }
  const find = (path: string) =>
    parts(path).reduce<KnownDirectory | undefined>((at, name) => at?.children?.get(name), root);
  const forget = (path: string) => {
    const end = path.lastIndexOf("/");
    if (find(path.slice(0, Math.max(end, 0)))?.children?.delete(path.slice(end + 1))) count -= 1;
  };
  const add = (path: string) => parts(path).reduce((at, name) => child(at, name).known, root);
  return { parents, find, add, forget, times: () => times(root) };
}

function parts(path: string): string[] {
  return path === "" ? [] : path.split("/");
}

/** With a stack of its own: names may be two thousand directories deep. */
function* times(root: KnownDirectory): ReturnType<DirectoryTree["times"]> & Generator {
  const stack: [string, KnownDirectory][] = [["", root]];
  for (let next = stack.pop(); next; next = stack.pop()) {
    const [path, { times, children }] = next;
    if (times) yield [path, times];
    for (const [name, child] of children ?? []) stack.push([path === "" ? name : `${path}/${name}`, child]);
  }
}

function tooMany(maxDirectories: number) {
  return galleyError("unsupported", "image.too-large", `the layer has more than ${maxDirectories} directories`);
}
