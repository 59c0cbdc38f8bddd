import { expect, test } from "vitest";
import { suggest } from "./suggest.ts";

test("suggest() puts the nearest name first", () =>
  expect(suggest("imges", ["image", "pull", "images"])).toEqual(["images", "image"]));
test("suggest() finds a name by its beginning", () =>
  expect(suggest("entry", ["entrypoint", "env"])).toEqual(["entrypoint"]));
test("suggest() says nothing when nothing is near", () => expect(suggest("frob", ["run", "create"])).toEqual([]));
test("suggest() does not compare what is very long", () => expect(suggest("x".repeat(100_000), ["run"])).toEqual([]));
