import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { argumentsOf } from "./arguments-of.ts";
import { flagSets } from "./flags.ts";
import { type Operation, type OperationName, operations } from "./operations.ts";

const table = Object.entries<Operation>(operations);
const kinds = [
  "slot",
  "out",
  "mark",
  "lane",
  "u32",
  "u64",
  "string",
  "path",
  "bytes",
  "strings",
  "numbers",
  "descriptors",
];

test("operations have distinct numbers, a sentence and a manual page each", () => {
  expect(new Set(table.map(([, { number }]) => number)).size).toBe(table.length);
  for (const [, { number, about, man }] of table) {
    expect(number).toBeGreaterThan(0);
    expect(about).toMatch(/^[A-Z].*\.$/);
    expect(man).toMatch(/\(\d(const)?\)|proc_pid_|_/);
  }
});

test("operations use only kinds of arguments and flag sets that exist", () => {
  for (const kind of table.flatMap(([, each]) => Object.values<string>(each.arguments))) {
    const plain = kind.replace(/\?$/, "");
    if (plain.startsWith("flags:")) expect(Object.keys(flagSets)).toContain(plain.slice(6));
    else expect(kinds).toContain(plain);
  }
});

test("operations leave out only what has a way to say so in C: slots, numbers and flags", () => {
  const optional = table
    .flatMap(([, each]) => Object.values<string>(each.arguments))
    .filter((kind) => kind.endsWith("?"));
  expect(optional.filter((kind) => !/^(slot|out|u32|u64|flags:.*)\?$/.test(kind))).toEqual([]);
});

test("operations keep their numbers, which encoded plans rely on", () => {
  expect(Object.fromEntries(table.map(([name, { number }]) => [name, number]))).toMatchInlineSnapshot(`
    {
      "ambientSet": 68,
      "attributes": 37,
      "await": 5,
      "boundingSet": 66,
      "capabilities": 67,
      "chdir": 73,
      "chroot": 44,
      "clone": 1,
      "close": 21,
      "controlTerminal": 26,
      "create": 34,
      "data": 35,
      "deviceFilter": 75,
      "domainname": 61,
      "exec": 8,
      "executed": 6,
      "finished": 7,
      "groups": 63,
      "hole": 36,
      "hostname": 60,
      "ids": 64,
      "inherited": 24,
      "keepCapabilities": 65,
      "label": 71,
      "link": 32,
      "listen": 23,
      "lock": 27,
      "mkdir": 30,
      "mknod": 33,
      "mountAttributes": 52,
      "moveMount": 53,
      "netlink": 76,
      "newFileSystem": 50,
      "noNewPrivileges": 69,
      "open": 20,
      "openProcess": 11,
      "openTree": 51,
      "outlive": 9,
      "pipe": 22,
      "pivot": 54,
      "read": 45,
      "receive": 13,
      "removeTree": 40,
      "rename": 41,
      "resourceLimit": 62,
      "seccomp": 70,
      "session": 10,
      "sessionKeyring": 74,
      "setns": 3,
      "signal": 12,
      "symlink": 31,
      "syncFileSystem": 43,
      "tell": 4,
      "terminal": 25,
      "umask": 72,
      "unlink": 39,
      "unmount": 55,
      "unshare": 2,
      "write": 42,
      "xattr": 38,
    }
  `);
});

test("operations.h lists every operation with its number and the kinds of its arguments", () => {
  const header = readFileSync(new URL("../../stage/native/operations.h", import.meta.url), "utf8");
  for (const [name, { number }] of table) {
    expect(header).toMatch(
      new RegExp(`X\\(${number}, "${name}", "[a-zA-Z48]{${argumentsOf(name as OperationName).length}}", do_`),
    );
  }
});
