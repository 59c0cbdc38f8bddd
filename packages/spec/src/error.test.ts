import { expect, test } from "vitest";
import { galleyError, isGalleyError, wrapError } from "./error.ts";

test("galleyError() keeps kind, code, details and cause", () => {
  const cause = new Error("below");
  const error = galleyError("not-found", "x.absent", "x is absent", { details: { name: "x" }, cause });
  expect(error).toMatchObject({ kind: "not-found", code: "x.absent", details: { name: "x" }, cause });
  expect(`${error}`).toBe("GalleyError: x is absent");
});

test("galleyError() has no cause when none is given", () => {
  expect("cause" in galleyError("internal", "x", "x")).toBe(false);
});

test("isGalleyError() recognises an error of another installed copy, by kind too", async () => {
  const path = "./error.ts?copy";
  const copy = (await import(path)) as typeof import("./error.ts");
  const error = copy.galleyError("conflict", "x", "x");
  expect(copy.galleyError).not.toBe(galleyError);
  expect(isGalleyError(error)).toBe(true);
  expect(isGalleyError(error, "conflict")).toBe(true);
  expect(isGalleyError(error, "invalid")).toBe(false);
});

test("isGalleyError() refuses look-alikes and non-errors", () => {
  for (const value of [undefined, null, "x", 1, new Error("x"), { kind: "invalid", code: "x", name: "GalleyError" }]) {
    expect(isGalleyError(value)).toBe(false);
  }
});

test("wrapError() adds what was being done and keeps the rest", () => {
  const cause = galleyError("corrupt", "x.bad", "bad blob", { details: { n: 1 } });
  expect(wrapError("pull alpine", cause)).toMatchObject({
    kind: "corrupt",
    code: "x.bad",
    message: "pull alpine: bad blob",
    details: { n: 1 },
    cause,
  });
});

test("wrapError() makes an abort cancelled", () => {
  const reason = AbortSignal.abort().reason;
  expect(wrapError("pull", reason)).toMatchObject({ kind: "cancelled", message: "pull: cancelled" });
});

test("wrapError() makes anything else internal, in one line", () => {
  expect(wrapError("pull", new Error("one\ntwo"))).toMatchObject({ kind: "internal", message: "pull: one" });
  expect(wrapError("pull", undefined)).toMatchObject({ kind: "internal", message: "pull: undefined" });
  expect(wrapError("pull", new TypeError(""))).toMatchObject({ message: "pull: TypeError" });
});
