import { expect, test } from "vitest";
import { type KeeperOptions, keeperArguments } from "./keeper-arguments.ts";

const descriptors = { child: 3, run: 4, keep: 5 };

test("keeperArguments() writes everything, with afterwards last", () => {
  const argv = keeperArguments({
    descriptors: { ...descriptors, stdin: 6, stdout: 7, stderr: 8, log: 9, listen: 10, client: 11, ready: 12 },
    exitName: "x.exit",
    pidName: "x.pid",
    stamp: "boot 1",
    read: { events: "/sys/fs/cgroup/memory.events" },
    rmdir: ["/a", "/b"],
    stdinOnce: true,
    afterwards: ["/usr/bin/galley", "cleanup", "--rm"],
  });
  expect(argv.join(" ")).toBe(
    "--child 3 --run 4 --keep 5 --stdin 6 --stdout 7 --stderr 8 --log 9 --listen 10 --client 11 --ready 12 --exit-name x.exit" +
      " --pid-name x.pid --stamp boot 1 --read events=/sys/fs/cgroup/memory.events --rmdir /a --rmdir /b --stdin-once" +
      " --then /usr/bin/galley cleanup --rm",
  );
});

const refused: [string, KeeperOptions][] = [
  ["a negative descriptor", { descriptors: { ...descriptors, log: -1 } }],
  ["a terminal beside pipes", { descriptors: { ...descriptors, pty: 6, stdout: 7 } }],
  ["a file name with a slash", { descriptors, exitName: "a/b" }],
  ["an empty file name", { descriptors, pidName: "" }],
  ["a long file name", { descriptors, pidName: "é".repeat(101) }],
  ["a hidden file name", { descriptors, pidName: ".." }],
  ["a NUL byte", { descriptors, stamp: "a\0b" }],
  [
    "17 files",
    { descriptors, read: Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`f${index}`, "/x"])) },
  ],
  ["a file's name with =", { descriptors, read: { "a=b": "/x" } }],
  ["33 directories", { descriptors, rmdir: Array.from({ length: 33 }, () => "/x") }],
  ["a relative program", { descriptors, afterwards: ["galley"] }],
  ["no program", { descriptors, afterwards: [] }],
];

test.each(refused)("keeperArguments() refuses %s", (_, options) => {
  expect(() => keeperArguments(options)).toThrow(expect.objectContaining({ kind: "invalid" }));
});
