import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ownerLives, ownerTag, parseOwnerTag } from "./owner-tag.ts";
import { startChild } from "./testing/child.ts";

test("ownerTag() names this process, which lives, and is never the same", () => {
  const owned = parseOwnerTag(ownerTag("rest.of.name"));
  expect(owned).toMatchObject({ pid: process.pid, rest: "rest.of.name" });
  expect(owned && ownerLives(owned)).toBe(true);
  expect(ownerTag("x")).not.toBe(ownerTag("x"));
});

test("ownerLives() tells another process of the same pid, and none at all", () => {
  const owned = parseOwnerTag(ownerTag("x"));
  expect(owned && ownerLives({ ...owned, startTicks: "1" })).toBe(false);
  expect(ownerLives({ pid: 2 ** 31 - 1, startTicks: "1", rest: "" })).toBe(false);
});

test.skipIf(process.platform !== "linux")(
  "ownerLives() takes a zombie for dead, and a strange name for no trouble",
  async () => {
    const child = startChild(
      `import { spawn } from "node:child_process";
     import { writeFileSync } from "node:fs";
     import { ownerTag } from "./owner-tag.ts";
     writeFileSync("/proc/self/comm", "a) Z 1 (b");
     console.log("tag=" + ownerTag("x") + ";");
     setInterval(() => {}, 1000);`,
    );
    await child.printed(";");
    const owned = parseOwnerTag(/tag=(.*);/.exec(child.output())?.[1] ?? "");
    expect(owned && ownerLives(owned)).toBe(true);
    process.kill(child.process.pid ?? 0, "SIGKILL");
    // Between its death and the moment it is waited for it is a zombie; either way it does not live.
    while (owned && ownerLives(owned)) await new Promise((resolve) => setTimeout(resolve, 5));
    await child.ended;
    expect(owned && ownerLives(owned)).toBe(false);
    expect(readFileSync("/proc/self/stat", "latin1")).toContain(String(process.pid));
  },
);

test("parseOwnerTag() knows foreign names", () => {
  for (const name of [
    "",
    "notes.txt",
    "1-2-3.x",
    `1-2-${"g".repeat(16)}.x`,
    `1-2-${"a".repeat(16)}`,
    `-1-2-${"a".repeat(16)}.x`,
  ])
    expect(parseOwnerTag(name)).toBeUndefined();
});
