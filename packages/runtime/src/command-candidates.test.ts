import fc from "fast-check";
import { expect, test } from "vitest";
import { commandCandidates } from "./command-candidates.ts";

const defaults = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

test("commandCandidates() takes a command with a slash as it is", () => {
  for (const command of ["/bin/sh", "./run", "bin/x", "/"])
    expect(commandCandidates(command, ["PATH=/a"])).toEqual([command]);
});

test("commandCandidates() looks in every directory of PATH, in its order", () => {
  expect(commandCandidates("true", ["A=b", "PATH=/bin:/usr/bin"])).toEqual(["/bin/true", "/usr/bin/true"]);
});

test("commandCandidates() believes the last PATH, which is the one that counts in the program", () => {
  expect(commandCandidates("true", ["PATH=/a", "PATH=/b"])).toEqual(["/b/true"]);
});

test("commandCandidates() has a default where PATH is missing or empty", () => {
  const expected = defaults.map((directory) => `${directory}/ls`);
  expect(commandCandidates("ls", [])).toEqual(expected);
  expect(commandCandidates("ls", ["PATH="])).toEqual(expected);
  expect(commandCandidates("ls", ["XPATH=/x", "path=/y"])).toEqual(expected);
});

test("commandCandidates() takes an empty part for the working directory, as execvp(3) does", () => {
  expect(commandCandidates("x", ["PATH=:/bin:"])).toEqual(["./x", "/bin/x", "./x"]);
});

test("commandCandidates() gives a candidate for each part, each with a slash", () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[a-z/.]{0,8}$/), { minLength: 1 }),
      fc.stringMatching(/^[a-z]{1,8}$/),
      (parts, command) => {
        const path = parts.join(":");
        const found = commandCandidates(command, [`PATH=${path}`]);
        expect(found).toHaveLength(path === "" ? defaults.length : parts.length);
        for (const candidate of found) expect(candidate).toMatch(new RegExp(`/${command}$`));
      },
    ),
  );
});
