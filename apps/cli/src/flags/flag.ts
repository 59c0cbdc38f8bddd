/** How one flag of a command is written, explained and read. Parsing, help and, later, completion come from tables of these. */
export interface Flag<Value> {
  /** One phrase for help. */
  readonly help: string;
  /** One letter, for `-x`. */
  readonly short?: string;
  /** Other long names that mean the same; help does not list them. */
  readonly aliases?: readonly string[];
  /** What stands for the value in help; a switch has none. */
  readonly placeholder?: string;
  /** The heading it stands under in help. */
  readonly group?: string;
  readonly hidden?: boolean;
  /** Gets the texts given on the command line in order (none when the flag was not given). Throws what is wrong with them. */
  readonly read: (texts: readonly string[]) => Value;
}

/** A command's flags by their long names. */
export type FlagTable = Readonly<Record<string, Flag<unknown>>>;

/** What a command gets: each flag's value by its long name. */
export type FlagValues<Table extends FlagTable> = {
  readonly [Name in keyof Table]: Table[Name] extends Flag<infer Value> ? Value : never;
};

type Extras = Pick<Flag<unknown>, "short" | "aliases" | "hidden">;

/** A switch: off unless given, `--name=false` allowed. `{ all: toggle("Show all", { short: "a" }) }` */
export function toggle(help: string, extras: Extras = {}): Flag<boolean> {
  return { ...extras, help, read: (texts) => lastSwitch(texts) ?? false };
}

/** A switch that tells whether it was given at all. */
export function triState(help: string, extras: Extras = {}): Flag<boolean | undefined> {
  return { ...extras, help, read: lastSwitch };
}

/** A flag with one value; the last one given counts. `{ memory: value("SIZE", "Limit memory", parseSize, { short: "m" }) }` */
export function value<Value>(
  placeholder: string,
  help: string,
  parse: (text: string) => Value,
  extras: Extras = {},
): Flag<Value | undefined> {
  const read = (texts: readonly string[]): Value | undefined => {
    const last = texts.at(-1);
    return last === undefined ? undefined : parse(last);
  };
  return { ...extras, help, placeholder, read };
}

/** A flag that may be given several times. `{ env: list("NAME[=VALUE]", "Set a variable", String, { short: "e" }) }` */
export function list<Value>(
  placeholder: string,
  help: string,
  parse: (text: string) => Value,
  extras: Extras = {},
): Flag<readonly Value[]> {
  return { ...extras, help, placeholder, read: (texts) => texts.map(parse) };
}

/** Puts flags under one heading of the help. */
export function group<Table extends FlagTable>(heading: string, table: Table): Table {
  const entries = Object.entries(table).map(([name, flag]) => [name, { ...flag, group: heading }]);
  return Object.fromEntries(entries) as Table;
}

/** The identity, for values that are taken as they are. */
export function text(given: string): string {
  return given;
}

const switchWords = new Map([
  ...["1", "t", "T", "true", "TRUE", "True"].map((word) => [word, true] as const),
  ...["0", "f", "F", "false", "FALSE", "False"].map((word) => [word, false] as const),
]);

function lastSwitch(texts: readonly string[]): boolean | undefined {
  const last = texts.at(-1);
  if (last === undefined) return undefined;
  const known = switchWords.get(last);
  if (known === undefined) throw new Error(`${JSON.stringify(last)} is neither true nor false`);
  return known;
}
