import type { FlagTable, FlagValues } from "./flags/flag.ts";
import type { Places } from "./places.ts";

/** What a command is run with. */
export interface Invocation<Table extends FlagTable> {
  readonly flags: FlagValues<Table>;
  /** What is no flag, in order. */
  readonly words: readonly string[];
  /** Where the engine keeps its things. */
  readonly places: Places;
  /** As it was called: "galley image ls". */
  readonly calledAs: string;
}

/** One command: all that parsing, help and running need. */
export interface Command<Table extends FlagTable = FlagTable> {
  /** What follows the command's name in its usage line. */
  readonly usage: string;
  /** A sentence or a few, for help. */
  readonly description: string;
  /** One command line that works. */
  readonly example: string;
  readonly flags: Table;
  /** How many words it takes: none unless said. */
  readonly atLeast?: number;
  readonly atMost?: number;
  /** Flags after the first word belong to the container. */
  readonly stopAtFirstWord?: boolean;
  /** Cannot work for anyone but root yet. */
  readonly needsRoot?: boolean;
  /** Returns the exit code, 0 when undefined. */
  run(invocation: Invocation<Table>): Promise<number | undefined> | Promise<void> | number | void;
}

/** Gives a command its types. `export const command = defineCommand({ … })` */
export function defineCommand<Table extends FlagTable>(command: Command<Table>): Command<Table> {
  return command;
}
