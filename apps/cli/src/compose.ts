import { type Engine, openEngine } from "@galley/engine";
import type { Perform } from "@galley/plan";
import { createPerform, readWalk } from "@galley/stage";
import type { Places } from "./places.ts";
import { programPath } from "./programs.ts";

/**
 * The whole wiring: the engine, the program that performs plans for it, the keeper that it leaves behind. Nothing is opened or
 * looked for until it is needed; to replace a part, replace a line.
 */
export function openGalley(places: Places): Engine {
  const ports = {
    perform: performLater(),
    keeperPath: () => programPath("keeper"),
    initPath: () => programPath("init"),
    walk: { programPath: () => programPath("walk"), read: readWalk },
    cleanupCommand: (containerId: string) => ownCommand(places, ["container", "cleanup", containerId]),
  };
  // Set to "any" it lets layers grow as far as they will.
  const layerExpansion = process.env["GALLEY_LAYER_EXPANSION"] === "any" ? "any" : undefined;
  return openEngine(places, ports, { layerExpansion });
}

function performLater(): Perform {
  let made: Perform | undefined;
  const perform = (): Perform => (made ??= createPerform({ programPath: programPath("stage") }));
  return Object.assign((...asked: Parameters<Perform>) => perform()(...asked), {
    prepare: () => perform().prepare?.(),
  });
}

/** This very command line, to be run later by a keeper: absolute paths, and the places as they are now. */
function ownCommand(places: Places, words: readonly string[]): readonly string[] {
  const program = [process.execPath, ...process.execArgv, process.argv[1] ?? ""];
  return [...program, "--root", places.root, "--runroot", places.runroot, ...words];
}
