import type { Command } from "./command.ts";
import { commands, groups } from "./commands.ts";
import type { Flag, FlagTable } from "./flags/flag.ts";
import { globalFlags, versionFlag } from "./global-flags.ts";
import { wrap } from "./output/wrap.ts";

const width = 80;
const flagColumn = 28;

/** A command's help. */
export function commandHelp(calledAs: string, command: Command): string {
  const usage = [calledAs, "[options]", command.usage].filter((part) => part !== "").join(" ");
  const flags = { ...command.flags, ...globalFlags };
  return [
    wrap(command.description, width),
    `Usage:\n${wrap(usage, width, "  ", "      ")}`,
    `Example:\n  ${command.example}`,
    ...flagSections(flags),
  ].join("\n\n");
}

/** The help of `galley` itself. */
export function mainHelp(): string {
  const names = commands.filter(({ names, hidden }) => !hidden && !names[0].includes(" "));
  return [
    wrap("Galley runs containers, without a daemon.", width),
    "Usage:\n  galley [options] COMMAND",
    "Example:\n  galley run --rm docker.io/library/alpine echo hi",
    section(
      "Commands",
      names.map(({ names: [name], summary }) => [name, summary]),
    ),
    section("Groups of commands", Object.entries(groups)),
    ...flagSections({ ...globalFlags, ...versionFlag }),
    "galley COMMAND --help tells more about a command.",
  ].join("\n\n");
}

/** The help of `galley image` and its like. */
export function groupHelp(group: string): string {
  const found = commands.flatMap(({ names, summary, hidden }) => {
    const name = names.find((each) => each.startsWith(`${group} `));
    return name === undefined || hidden ? [] : [[name.slice(group.length + 1), summary] as const];
  });
  const sorted = found.sort(([a], [b]) => (a < b ? -1 : 1));
  return [groups[group], `Usage:\n  galley ${group} COMMAND`, section("Commands", sorted)].join("\n\n");
}

function flagSections(flags: FlagTable): string[] {
  const headings = new Map<string, [string, Flag<unknown>][]>();
  for (const [name, flag] of Object.entries(flags)) {
    if (flag.hidden) continue;
    const heading = flag.group ?? "Options";
    headings.set(heading, [...(headings.get(heading) ?? []), [name, flag]]);
  }
  return [...headings].map(([heading, entries]) =>
    section(
      heading,
      entries.map(([name, flag]) => [flagText(name, flag), flag.help]),
    ),
  );
}

function flagText(name: string, flag: Flag<unknown>): string {
  const short = flag.short === undefined ? "    " : `-${flag.short}, `;
  return `${short}--${name}${flag.placeholder === undefined ? "" : ` ${flag.placeholder}`}`;
}

/** Names on the left, what they mean on the right; a name that is too long has a line of its own. */
function section(heading: string, entries: readonly (readonly [string, string])[]): string {
  const column = Math.min(flagColumn, Math.max(...entries.map(([name]) => name.length)) + 2);
  const indent = " ".repeat(column + 2);
  const lines = entries.map(([name, help]) => {
    const first = `  ${name.padEnd(column)}`;
    if (name.length <= column - 1) return wrap(help, width, first, indent);
    return `${first}\n${wrap(help, width, indent, indent)}`;
  });
  return `${heading}:\n${lines.join("\n")}`;
}
