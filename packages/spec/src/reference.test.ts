import fc from "fast-check";
import { expect, test } from "vitest";
import { digestOf } from "./digest.ts";
import {
  familiarReference,
  formatReference,
  isRepositoryName,
  isTagName,
  parseReference,
  type Reference,
  withDefaultTag,
} from "./reference.ts";

const digest = digestOf("x");

test.each<[string, Reference, string]>([
  ["alpine", { domain: "docker.io", repository: "library/alpine" }, "alpine"],
  ["alpine:3.20", { domain: "docker.io", repository: "library/alpine", tag: "3.20" }, "alpine:3.20"],
  ["docker.io/alpine", { domain: "docker.io", repository: "library/alpine" }, "alpine"],
  ["index.docker.io/library/alpine", { domain: "docker.io", repository: "library/alpine" }, "alpine"],
  ["someone/app", { domain: "docker.io", repository: "someone/app" }, "someone/app"],
  ["library/a/b", { domain: "docker.io", repository: "library/a/b" }, "library/a/b"],
  ["localhost/app", { domain: "localhost", repository: "app" }, "localhost/app"],
  ["localhost:5000/app:v1", { domain: "localhost:5000", repository: "app", tag: "v1" }, "localhost:5000/app:v1"],
  ["127.0.0.1:5000/a/b/c", { domain: "127.0.0.1:5000", repository: "a/b/c" }, "127.0.0.1:5000/a/b/c"],
  ["[::1]:5000/app", { domain: "[::1]:5000", repository: "app" }, "[::1]:5000/app"],
  ["Registry/app", { domain: "Registry", repository: "app" }, "Registry/app"],
  ["quay.io/a__b/c--d.e", { domain: "quay.io", repository: "a__b/c--d.e" }, "quay.io/a__b/c--d.e"],
  [`alpine@${digest}`, { domain: "docker.io", repository: "library/alpine", digest }, `alpine@${digest}`],
  [`quay.io/x:v1@${digest}`, { domain: "quay.io", repository: "x", tag: "v1", digest }, `quay.io/x:v1@${digest}`],
  ["localhost:5000", { domain: "docker.io", repository: "library/localhost", tag: "5000" }, "localhost:5000"],
])("parseReference() reads %s", (text, reference, familiar) => {
  expect(parseReference(text)).toEqual(reference);
  expect(familiarReference(reference)).toBe(familiar);
});

test.each([
  "",
  ":tag",
  "@",
  "a b",
  "a//b",
  "/a",
  "a/",
  "-a",
  "a-",
  "a___b",
  "a..b",
  "a:",
  "a:.tag",
  "a:b:c",
  "a@sha256:abc",
  `a@${digest}@${digest}`,
  `a@${digest.toUpperCase()}`,
  "a\n",
  "a\0",
  "../a",
  "quay.io/../a",
  "quay.io:port/a",
  "quay.io:123456/a",
  "quay_io.x/a",
  "-quay.io/a",
  "user:pw@quay.io/a",
  "https://quay.io/a",
  "[::1/a",
  "é.io/a",
])("parseReference() refuses %j", refused);

test("parseReference() refuses what is too long, and an image id", () => {
  refused(`a:${"x".repeat(129)}`);
  refused(`quay.io/${"a".repeat(260)}`);
  refused("x".repeat(5000));
  refused("0123456789abcdef".repeat(4));
});

function refused(text: string): void {
  expect(() => parseReference(text)).toThrow(
    expect.objectContaining({
      kind: "invalid",
      code: "spec.invalid-reference",
      message: expect.stringMatching(/^invalid reference format: .{0,400}$/),
    }),
  );
}

test("parseReference() refuses an upper-case repository in Docker's words", () => {
  expect(() => parseReference("Foo")).toThrow(
    "invalid reference format: repository name (library/Foo) must be lowercase",
  );
  expect(() => parseReference("quay.io/Foo:v1")).toThrow("repository name (Foo) must be lowercase");
});

test("parseReference() takes time in proportion to the length of a hostile text", () => {
  const start = performance.now();
  for (const text of [`${"a-".repeat(500)}!`, `${"a.".repeat(500)}/x`, `${"a".repeat(1000)}!`]) {
    expect(() => parseReference(text)).toThrow();
  }
  expect(performance.now() - start).toBeLessThan(100);
});

const word = fc.stringMatching(/^[a-z0-9]{1,8}((\.|_|__|-{1,3})[a-z0-9]{1,8}){0,2}$/);
const references: fc.Arbitrary<Reference> = fc.record(
  {
    domain: fc.constantFrom("docker.io", "quay.io", "localhost", "localhost:5000", "127.0.0.1:80", "[::1]:443", "X"),
    repository: fc.array(word, { minLength: 2, maxLength: 4 }).map((words) => words.join("/")),
    tag: fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/),
    digest: fc.constant(digest),
  },
  { requiredKeys: ["domain", "repository"] },
);

test("parseReference() reads what formatReference() and familiarReference() write", () => {
  fc.assert(
    fc.property(references, (reference) => {
      expect(parseReference(formatReference(reference))).toEqual(reference);
      expect(formatReference(parseReference(familiarReference(reference)))).toBe(formatReference(reference));
    }),
  );
});

test("parseReference() never throws anything but an invalid reference", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(..."aA0:./@-_[]") })), (text) => {
      try {
        const reference = parseReference(text);
        expect(parseReference(formatReference(reference))).toEqual(reference);
      } catch (error) {
        expect(error).toMatchObject({ kind: "invalid" });
      }
    }),
  );
});

test("familiarReference() shortens only what would read back the same", () => {
  const repositories = ["library/app", "a.b/app", "localhost/app", `library/${"0".repeat(64)}`];
  const shown = repositories.map((repository) => familiarReference({ domain: "docker.io", repository }));
  expect(shown).toEqual(["app", ...repositories.slice(1).map((repository) => `docker.io/${repository}`)]);
});

test("withDefaultTag() adds latest only when nothing is said", () => {
  expect(withDefaultTag(parseReference("a")).tag).toBe("latest");
  expect(withDefaultTag(parseReference("a:b")).tag).toBe("b");
  expect(withDefaultTag(parseReference(`a@${digest}`)).tag).toBeUndefined();
});

test("isRepositoryName() and isTagName() tell names from what only looks like one", () => {
  expect(["a", "a/b", "a__b", "a--b.c/d_e"].every(isRepositoryName)).toBe(true);
  expect(["", "A", "a/", "/a", "a//b", "a:b", "..", "a/../b", "a\n", "a".repeat(256)].some(isRepositoryName)).toBe(
    false,
  );
  expect(["a", "A_.-", "_", "x".repeat(128)].every(isTagName)).toBe(true);
  expect(["", ".a", "-a", "a/b", "a:b", "a\n", "x".repeat(129)].some(isTagName)).toBe(false);
});
