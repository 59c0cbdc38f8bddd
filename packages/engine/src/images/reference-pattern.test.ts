import { describe, expect, test } from "vitest";
import { referenceMatches } from "./reference-pattern.ts";

const name = "docker.io/library/alpine:3.22";

describe("referenceMatches()", () => {
  test.each([
    "docker.io/library/alpine:3.22",
    "docker.io/library/alpine",
    "library/alpine",
    "alpine",
    "alpine:3.22",
    "alp*",
    "*",
    "alpine:3.*",
    "*/alpine",
    "*/*/alpine",
    "alpin?",
    "[ab]lpine",
    "[^xy]lpine",
  ])("referenceMatches() takes %j", (pattern) => expect(referenceMatches(pattern, name)).toBe(true));

  test.each([
    "alpine:3",
    "alpin",
    "lpine",
    "docker.io",
    "docker.io/*",
    "docker*",
    "alpine.3.22",
    "",
    "(a+)+$",
    "[^a]lpine",
    "\\",
    "[",
  ])("referenceMatches() does not take %j", (pattern) => expect(referenceMatches(pattern, name)).toBe(false));
});
