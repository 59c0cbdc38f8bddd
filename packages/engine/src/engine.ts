import type { TreeEntry } from "@galley/image";
import type { Perform } from "@galley/plan";
import { openStorage, type Storage } from "@galley/storage";

/** Where an engine keeps its things: absolute host paths. */
export interface EnginePlaces {
  /** What lasts: images, containers, records. */
  readonly root: string;
  /** What a reboot ends: sockets and pids of what runs. */
  readonly runroot: string;
}

/** What an engine needs from outside. */
export interface EnginePorts {
  /** Carries out plans; `@galley/stage` has one. */
  readonly perform: Perform;
  /** The host path of the keeper program. */
  readonly keeperPath: () => string;
  /** The host path of the program that `--init` runs as process 1. */
  readonly initPath?: () => string;
  /** The command that a keeper becomes when a container that is to be removed has ended; an absolute program path first. */
  readonly cleanupCommand?: (containerId: string) => readonly string[];
  /** The program that reads trees; without it nothing can be committed, exported or compared. */
  readonly walk?: WalkPort;
}

/** The program `walk` and how its output is read; `@galley/stage` has both. */
export interface WalkPort {
  /** Its host path. */
  readonly programPath: () => string;
  readonly read: (
    output: AsyncIterable<Uint8Array>,
    options: { readonly content?: boolean; readonly onProblem?: (error: Error) => void },
  ) => AsyncIterable<WalkedEntry>;
}

/** What `walk` tells about a file. */
export interface WalkedEntry extends TreeEntry {
  /** What it takes on the disk: less than its size where it has holes. */
  readonly allocatedBytes: number;
}

/** What an engine may be told to do otherwise. */
export interface EngineSettings {
  /** How far a layer may grow when it is unpacked; "any" where all sources are trusted. `defaultExpansion` of `@galley/image` when left out. */
  readonly layerExpansion?: { readonly ratio: number; readonly floorBytes: number } | "any" | undefined;
}

/** An opened engine: a record that every verb takes as its first argument. */
export interface Engine extends Disposable {
  readonly places: EnginePlaces;
  readonly ports: EnginePorts;
  readonly settings: EngineSettings;
  readonly storage: Storage;
}

/**
 * Opens an engine. Touches nothing: directories and the database appear with the first write.
 *
 * @example
 * using engine = openEngine({ root: "/var/lib/galley", runroot: "/run/galley" }, { perform, keeperPath });
 * console.log(listContainers(engine));
 */
export function openEngine(places: EnginePlaces, ports: EnginePorts, settings: EngineSettings = {}): Engine {
  const storage = openStorage(places.root, { perform: ports.perform });
  return { places, ports, settings, storage, [Symbol.dispose]: () => storage[Symbol.dispose]() };
}
