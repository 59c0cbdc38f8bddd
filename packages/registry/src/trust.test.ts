import { expect, test } from "vitest";
import { isLoopback, mayBePlain, mayBeUnverified } from "./trust.ts";

test("isLoopback() knows this machine by name and address", () => {
  expect(["localhost", "127.0.0.1", "127.255.3.4", "[::1]"].every(isLoopback)).toBe(true);
  const others = ["localhost.example", "127.0.0.1.example", "128.0.0.1", "[::2]", "example", "", "127.1"];
  expect(others.some(isLoopback)).toBe(false);
});

test.each([
  [{}, "127.0.0.1", true, true],
  [{}, "quay.io", false, false],
  [{ tlsVerify: true }, "127.0.0.1", false, false],
  [{ tlsVerify: false }, "quay.io", true, true],
  [{ plainHttp: "never" as const }, "127.0.0.1", false, true],
  [{ plainHttp: "always" as const }, "quay.io", true, false],
  [{ tlsVerify: true, plainHttp: "always" as const }, "quay.io", false, false],
])("mayBePlain() and mayBeUnverified() decide for %j and %s", (options, host, plain, unverified) => {
  expect([mayBePlain(host, options), mayBeUnverified(host, options)]).toEqual([plain, unverified]);
});
