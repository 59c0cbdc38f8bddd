import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { differences, knownAs } from "./differences.ts";
import { errnoName } from "./errno-name.ts";
import { knownDifferences } from "./known-differences.ts";
import { mountFacts } from "./mount-facts.ts";
import { unfixed } from "./unfixed.ts";

test("differences() names what differs, what is missing and what is more", () => {
  expect(differences({ a: "1", b: "2", c: "3" }, { a: "1", b: "x", d: "4" })).toEqual([
    { fact: "b", galley: "2", other: "x" },
    { fact: "c", galley: "3", other: undefined },
    { fact: "d", galley: undefined, other: "4" },
  ]);
});

test("knownAs() covers a difference only while both sides are as described", () => {
  const known = [{ heading: "h", fact: /^a$/, galley: /^1$/, other: /^$/ }];
  expect(knownAs({ fact: "a", galley: "1", other: undefined }, known)).toBe(known[0]);
  expect(knownAs({ fact: "a", galley: "2", other: undefined }, known)).toBeUndefined();
  expect(knownAs({ fact: "a", galley: "1", other: "2" }, known)).toBeUndefined();
  expect(knownAs({ fact: "ab", galley: "1", other: undefined }, known)).toBeUndefined();
});

test("knownDifferences and the headings of docs/differences.md are the same", () => {
  const text = readFileSync(join(import.meta.dirname, "../../../docs/differences.md"), "utf8");
  const headings = text.split("\n").flatMap((line) => (line.startsWith("### ") ? [line.slice(4)] : []));
  const listed = new Set([...knownDifferences, ...unfixed].map(({ heading }) => heading));
  expect(headings.toSorted()).toEqual([...listed].toSorted());
});

test("errnoName() turns numbers into names and leaves words alone", () => {
  const outcomes = ["-1", "-11", "-38", "-95", "-524", "-4000", "ok", "signal 11", "waits"];
  const names = ["EPERM", "EAGAIN", "ENOSYS", "ENOTSUP", "ENOTSUPP", "errno 4000", "ok", "signal 11", "waits"];
  expect(outcomes.map(errnoName)).toEqual(names);
});

test("mountFacts() tells mounts apart by what counts, and keeps what lies over one another", () => {
  const facts = mountFacts(
    [
      "1 0 0:40 / / rw,relatime - overlay overlay rw,lowerdir=/srv/a,upperdir=/srv/b,workdir=/srv/c,uuid=on",
      "2 1 254:0 /srv/hosts /etc/hosts rw shared:7 - ext4 /dev/vda rw,discard",
      "3 1 0:50 / /proc rw,nosuid - proc proc rw",
      "4 3 0:51 /null /proc/keys ro - tmpfs tmpfs rw,mode=755",
      "5 3 0:50 / /proc ro master:3 - proc proc rw",
    ].join("\n"),
  );
  expect(facts).toEqual({
    "mount /": "overlay rw,relatime of /; rw,uuid=on; private",
    "mount /etc/hosts": "bind rw; shared",
    "mount /proc": "proc rw,nosuid of /; rw; private, under proc ro of /; rw; master",
    "mount /proc/keys": "tmpfs ro of /null; rw,mode=755; private",
  });
});
