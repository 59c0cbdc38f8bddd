import { describe, expect, test } from "vitest";
import { putContainer } from "../testing/keeper-records.ts";
import { scratchEngine } from "../testing/scratch-engine.ts";
import { containerExists } from "./container-exists.ts";
import { findContainer } from "./find-container.ts";

const one = { id: `abc1${"0".repeat(60)}`, name: "one" };
const two = { id: `abc2${"0".repeat(60)}`, name: "two" };

describe("findContainer()", () => {
  test.each([
    ["one", one],
    [one.id, one],
    ["abc1", one],
    ["abc2", two],
  ])("findContainer() finds %s", async (asked, expected) => {
    const engine = await scratchEngine();
    for (const each of [one, two]) putContainer(engine, each);
    expect(findContainer(engine, asked)).toMatchObject(expected);
  });

  test("findContainer() refuses a beginning that two ids have", async () => {
    const engine = await scratchEngine();
    for (const each of [one, two]) putContainer(engine, each);
    expect(() => findContainer(engine, "abc")).toThrow(
      expect.objectContaining({ kind: "conflict", code: "engine.container-ambiguous" }),
    );
  });

  test.each(["three", "", "ABC1", "abc1%", "one\0", " one"])("findContainer() does not know %j", async (asked) => {
    const engine = await scratchEngine();
    for (const each of [one, two]) putContainer(engine, each);
    const message = `no container with name or ID "${asked}" found: no such container`;
    expect(() => findContainer(engine, asked)).toThrow(
      expect.objectContaining({ kind: "not-found", code: "engine.container-unknown", message }),
    );
  });

  test("findContainer() prefers a name to the beginning of an id, and an id to a name", async () => {
    const engine = await scratchEngine();
    putContainer(engine, one);
    putContainer(engine, { ...two, name: "abc1" });
    putContainer(engine, { id: "d".repeat(64), name: one.id });
    expect(findContainer(engine, "abc1").id).toBe(two.id);
    expect(findContainer(engine, one.id).id).toBe(one.id);
  });

  test("findContainer() finds nothing where nothing was ever written", async () => {
    const engine = await scratchEngine();
    expect(() => findContainer(engine, "x")).toThrow(expect.objectContaining({ kind: "not-found" }));
  });
});

test.each([
  ["one", true],
  ["abc", true],
  ["three", false],
])("containerExists() of %s is %s", async (asked, there) => {
  const engine = await scratchEngine();
  for (const each of [one, two]) putContainer(engine, each);
  expect(containerExists(engine, asked)).toBe(there);
});
