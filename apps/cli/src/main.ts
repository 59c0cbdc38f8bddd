import type { Command } from "./command.ts";
import { commands, type FoundCommand, findCommand, groups, loadCommand } from "./commands.ts";
import type { FlagTable } from "./flags/flag.ts";
import { type ParsedFlags, parseFlags } from "./flags/parse-flags.ts";
import { notYet, usageError } from "./flags/usage-error.ts";
import { globalFlags, versionFlag } from "./global-flags.ts";
import { print } from "./output/print.ts";
import { ownVersion } from "./own-version.ts";
import { findPlaces } from "./places.ts";
import { type Call, reportError } from "./report-error.ts";
import { suggest } from "./suggest.ts";

type GlobalValues = ParsedFlags<typeof globalFlags>["flags"];

/**
 * Runs one command line and returns the exit code. Errors are told on standard error.
 *
 * @example process.exit(await main(["ps", "-a"]));
 */
export async function main(args: readonly string[]): Promise<number> {
  const call: Call = { calledAs: "galley", logLevel: "warn" };
  try {
    return await dispatch(args, call);
  } catch (error) {
    return reportError(error, call);
  }
}

async function dispatch(args: readonly string[], call: Call): Promise<number> {
  const { flags, words } = parseFlags({ ...globalFlags, ...versionFlag, help: helpWithShort }, args, {
    stopAtFirstWord: true,
  });
  call.logLevel = flags["log-level"] ?? call.logLevel;
  if (flags.version) return done(print(`galley version ${ownVersion()}`));
  const asked = words[0] === "help" ? words.slice(1) : words;
  const wantsHelp = flags.help || words[0] === "help";
  const found = findCommand(asked);
  if (found === undefined) return withoutCommand(asked, wantsHelp);
  call.calledAs = `galley ${found.name}`;
  const command = await loadCommand(found.entry);
  return wantsHelp ? showHelp(call, command) : runCommand(found, command, { call, before: flags });
}

const helpWithShort = { ...globalFlags.help, short: "h" };

async function runCommand(
  found: FoundCommand,
  command: Command,
  context: { call: Call; before: GlobalValues },
): Promise<number> {
  const { call, before } = context;
  const { flags, words } = parseFlags(withGlobals(command.flags), found.rest, {
    stopAtFirstWord: command.stopAtFirstWord ?? false,
  });
  call.logLevel = flags["log-level"] ?? call.logLevel;
  if (flags.help) return showHelp(call, command);
  checkWords(command, words, call.calledAs);
  const asked = { root: flags.root ?? before.root, runroot: flags.runroot ?? before.runroot };
  const uid = process.geteuid?.() ?? -1;
  if (command.needsRoot && uid !== 0)
    throw notYet(`${call.calledAs} needs root: containers of other users are not supported yet`);
  const places = findPlaces(withoutUndefined(asked), { uid, environment: process.env });
  return (await command.run({ flags, words, places, calledAs: call.calledAs })) ?? 0;
}

/** A command's own flags win: `-h` is the host name in `run`. */
function withGlobals(flags: FlagTable): FlagTable & typeof globalFlags {
  const shorts = Object.values(flags).map(({ short }) => short);
  return { ...globalFlags, ...(shorts.includes("h") ? {} : { help: helpWithShort }), ...flags };
}

function checkWords(command: Command, words: readonly string[], calledAs: string): void {
  const { atLeast = 0, atMost = 0 } = command;
  if (words.length > 0 && atMost === 0) throw usageError(`\`${calledAs}\` takes no arguments`);
  if (atLeast === atMost && words.length !== atLeast)
    throw usageError(`accepts ${atLeast} arg(s), received ${words.length}`);
  if (words.length < atLeast) throw usageError(`requires at least ${atLeast} arg(s), only received ${words.length}`);
  if (words.length > atMost) throw usageError(`accepts at most ${atMost} arg(s), received ${words.length}`);
}

async function withoutCommand(words: readonly string[], wantsHelp: boolean): Promise<number> {
  const { groupHelp, mainHelp } = await import("./help.ts");
  const [first, second] = words.filter((word) => word !== "--help" && word !== "-h");
  const isGroup = first !== undefined && Object.hasOwn(groups, first);
  if (first !== undefined && (!isGroup || second !== undefined))
    throw unknownCommand(isGroup ? `${first} ${second}` : first);
  await print(isGroup ? groupHelp(first) : mainHelp());
  if (wantsHelp || words.length > 1) return 0;
  throw usageError(`missing command '${isGroup ? `galley ${first} ` : "galley "}COMMAND'`);
}

function unknownCommand(name: string): Error {
  const near = suggest(name, [
    ...commands.filter(({ hidden }) => !hidden).flatMap(({ names }) => names),
    ...Object.keys(groups),
  ]);
  const hint = near.length > 0 ? `Did you mean galley ${near.join(" or galley ")}?` : undefined;
  return usageError(`unrecognized command \`galley ${name}\``, hint);
}

async function showHelp(call: Call, command: Command): Promise<number> {
  const { commandHelp } = await import("./help.ts");
  return done(print(commandHelp(call.calledAs, command)));
}

async function done(written: void | Promise<void>): Promise<number> {
  await written;
  return 0;
}

function withoutUndefined<Members extends object>(
  members: Members,
): { [Key in keyof Members]?: Exclude<Members[Key], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, member]) => member !== undefined)) as never;
}
