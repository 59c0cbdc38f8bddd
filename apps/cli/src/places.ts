import { isAbsolute, join, resolve } from "node:path";

/** Where the engine keeps its things: absolute host paths. */
export interface Places {
  readonly root: string;
  readonly runroot: string;
}

/** What decides about the default places. */
export interface Surroundings {
  readonly uid: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * The places to use: what was asked for, else `/var/lib/galley` and `/run/galley` for root and the XDG places for anyone else.
 *
 * @example findPlaces({}, { uid: 0, environment: {} }); // { root: "/var/lib/galley", runroot: "/run/galley" }
 */
export function findPlaces(asked: Partial<Places>, { uid, environment }: Surroundings): Places {
  const defaults = uid === 0 ? { root: "/var/lib/galley", runroot: "/run/galley" } : userPlaces(uid, environment);
  return { root: resolve(asked.root ?? defaults.root), runroot: resolve(asked.runroot ?? defaults.runroot) };
}

/** XDG Base Directory specification: values that are not absolute are to be ignored. */
function userPlaces(uid: number, environment: Surroundings["environment"]): Places {
  const data = absolute(environment["XDG_DATA_HOME"]) ?? join(absolute(environment["HOME"]) ?? "/", ".local/share");
  const run = absolute(environment["XDG_RUNTIME_DIR"]) ?? `/run/user/${uid}`;
  return { root: join(data, "galley"), runroot: join(run, "galley") };
}

function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}
