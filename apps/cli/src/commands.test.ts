import { describe, expect, test } from "vitest";
import { commands, findCommand, groups, loadCommand } from "./commands.ts";
import { parseFlags } from "./flags/parse-flags.ts";
import { globalFlags } from "./global-flags.ts";
import { commandHelp, groupHelp, mainHelp } from "./help.ts";

const each = commands.map((entry) => [entry.names[0], entry] as const);
const widest = (text: string): number => Math.max(...text.split("\n").map((line) => line.length));

describe("findCommand()", () => {
  test.each([
    [["ps", "-a"], "ps", ["-a"]],
    [["image", "ls", "x"], "image ls", ["x"]],
    [["container", "list"], "container list", []],
    [["system", "info"], "system info", []],
  ])("findCommand(%j)", (words, name, rest) => expect(findCommand(words)).toMatchObject({ name, rest }));

  test.each([[[]], [["frob"]], [["image"]], [["image", "frob"]], [["toString"]]])(
    "findCommand(%j) finds nothing",
    (words) => expect(findCommand(words)).toBeUndefined(),
  );

  test("findCommand() has no name twice", () => {
    const names = commands.flatMap(({ names: all }) => all);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe("commands", () => {
  test.each(each)("commands: %s has help that fits 80 columns", async (name, entry) => {
    const help = commandHelp(`galley ${name}`, await loadCommand(entry));
    expect(widest(help)).toBeLessThanOrEqual(80);
    expect(help).toMatchSnapshot();
  });

  test.each(each)("commands: %s has an example that its own flags can read", async (_, entry) => {
    const command = await loadCommand(entry);
    const found = findCommand(command.example.split(" ").slice(1));
    expect(found?.entry).toBe(entry);
    const { words } = parseFlags({ ...command.flags, ...globalFlags }, found?.rest ?? [], {
      stopAtFirstWord: command.stopAtFirstWord ?? false,
    });
    expect(words.length).toBeGreaterThanOrEqual(command.atLeast ?? 0);
    expect(words.length).toBeLessThanOrEqual(command.atMost ?? 0);
  });

  test.each(each)("commands: %s has no letter and no name twice", async (_, entry) => {
    const { flags } = await loadCommand(entry);
    const spellings = Object.entries(flags).flatMap(([name, { short, aliases = [] }]) => [
      name,
      ...aliases,
      ...(short === undefined ? [] : [short]),
    ]);
    expect(new Set(spellings).size).toBe(spellings.length);
  });
});

test("mainHelp() fits 80 columns and lists each command but the hidden ones", () => {
  expect(widest(mainHelp())).toBeLessThanOrEqual(80);
  expect(mainHelp()).toMatchSnapshot();
});

test.each(Object.keys(groups))("groupHelp(%j) fits 80 columns", (group) => {
  expect(widest(groupHelp(group))).toBeLessThanOrEqual(80);
  expect(groupHelp(group)).not.toContain("cleanup");
});
