import { formatReference, parseReference } from "@galley/spec";
import { expect, test } from "vitest";
import { candidatesFor } from "./candidates-for.ts";
import { endpointsFor } from "./endpoints-for.ts";
import { refuseBlocked } from "./find-registry.ts";
import { parseRegistriesConf } from "./parse-registries-conf.ts";
import type { RegistriesConf } from "./registries-conf.ts";

/** A configuration as if read from one file. */
function confOf(document: Record<string, unknown>): RegistriesConf {
  const file = parseRegistriesConf("/x.conf", document);
  const aliases = new Map([...file.aliases].map(([name, target]) => [name, { target, path: "/x.conf" }]));
  return { path: "/x.conf", shortNameMode: "permissive", credentialHelpers: [], ...file, aliases };
}

const conf = confOf({
  registry: [
    {
      prefix: "example.com/foo",
      location: "internal.example/bar",
      mirror: [
        { location: "mirror-0.local/mirror-for-foo" },
        { location: "mirror-1.local/mirrors/foo", insecure: true, "pull-from-mirror": "digest-only" },
        { location: "mirror-2.local", "pull-from-mirror": "tag-only" },
      ],
    },
    { location: "example.com", insecure: true },
    { prefix: "example.com/foo/special:v1", location: "special.example/s:v9" },
    { location: "registry.com", "mirror-by-digest-only": true, mirror: [{ location: "mirror.registry.com" }] },
    { prefix: "*.wild.example", insecure: true },
    { prefix: "*.moved.example", location: "there.example/all" },
    { location: "docker.io/library", blocked: true },
    { location: "localhost:5000", blocked: true },
  ],
});
const digest = `sha256:${"a".repeat(64)}`;

test.each([
  [
    "example.com/foo/image:latest",
    ["mirror-0.local/mirror-for-foo/image:latest", "mirror-2.local/image:latest", "internal.example/bar/image:latest"],
  ],
  [
    `example.com/foo/image@${digest}`,
    [
      `mirror-0.local/mirror-for-foo/image@${digest}`,
      `mirror-1.local/mirrors/foo/image@${digest}`,
      `internal.example/bar/image@${digest}`,
    ],
  ],
  ["example.com/foo/special:v1", ["special.example/s:v9"]],
  [
    "example.com/foo/special:v12",
    ["mirror-0.local/mirror-for-foo/special:v12", "mirror-2.local/special:v12", "internal.example/bar/special:v12"],
  ],
  ["example.com/foobar/image", ["example.com/foobar/image"]],
  ["example.com:5000/foo/image", ["example.com:5000/foo/image"]],
  ["registry.com/image:1", ["registry.com/image:1"]],
  [`registry.com/image@${digest}`, [`mirror.registry.com/image@${digest}`, `registry.com/image@${digest}`]],
  ["a.b.wild.example:80/x", ["a.b.wild.example:80/x"]],
  ["a.moved.example/x:1", ["there.example/all/x:1"]],
  ["moved.example/x:1", ["moved.example/x:1"]],
  ["evilmoved.example/x:1", ["evilmoved.example/x:1"]],
  ["quay.io/x", ["quay.io/x"]],
])("endpointsFor() sends %s to %j", (name, expected) => {
  expect(endpointsFor(conf, parseReference(name)).map(({ reference }) => formatReference(reference))).toEqual(expected);
});

test("endpointsFor() says which places are insecure and which are mirrors", () => {
  const of = (name: string) =>
    endpointsFor(conf, parseReference(name)).map(({ insecure, mirror }) => [insecure, mirror]);
  expect(of(`example.com/foo/image@${digest}`)).toEqual([
    [false, true],
    [true, true],
    [false, false],
  ]);
  expect(of("example.com/x")).toEqual([[true, false]]);
  expect(of("a.wild.example/x")).toEqual([[true, false]]);
});

test("endpointsFor() refuses a location that makes no name", () => {
  const odd = confOf({ registry: [{ prefix: "a.example", location: "b.example/UPPER" }] });
  expect(() => endpointsFor(odd, parseReference("a.example/x"))).toThrow("lowercase");
});

test("refuseBlocked() refuses what is blocked, in Podman's words", () => {
  expect(() => refuseBlocked(conf, parseReference("localhost:5000/x"))).toThrow(
    "registry localhost:5000 is blocked in /x.conf",
  );
  expect(() => refuseBlocked(conf, parseReference("alpine"))).toThrow("registry docker.io/library is blocked");
  refuseBlocked(conf, parseReference("docker.io/other/alpine"));
  refuseBlocked(conf, parseReference("localhost:50000/x"));
});

const names = confOf({
  "unqualified-search-registries": ["one.example", "docker.io"],
  aliases: { fedora: "registry.example/f/fedora", "team/app": "quay.io/team/app" },
});

test.each([
  ["fedora:40", "alias", ["registry.example/f/fedora:40"]],
  [`fedora@${digest}`, "alias", [`registry.example/f/fedora@${digest}`]],
  ["team/app", "alias", ["quay.io/team/app"]],
  ["alpine", "search", ["one.example/alpine", "docker.io/library/alpine"]],
  ["team/other:1", "search", ["one.example/team/other:1", "docker.io/team/other:1"]],
  ["localhost/fedora", "name", ["localhost/fedora"]],
  ["docker.io/fedora", "name", ["docker.io/library/fedora"]],
])("candidatesFor() resolves %s by %s to %j", (name, by, expected) => {
  const found = candidatesFor(names, name);
  expect(found.by).toBe(by);
  expect(found.references.map(formatReference)).toEqual(expected);
});

test("candidatesFor() means Docker Hub when nothing is configured", () => {
  const { references, by, ambiguous } = candidatesFor(confOf({}), "alpine:3");
  expect([references.map(formatReference), by, ambiguous]).toEqual([["docker.io/library/alpine:3"], "default", false]);
});

test("candidatesFor() refuses short names when there is nowhere to search", () => {
  expect(() => candidatesFor(confOf({ "unqualified-search-registries": [] }), "alpine")).toThrow(
    'short-name "alpine" did not resolve to an alias and no unqualified-search registries are defined in "/x.conf"',
  );
});

test.each([
  ["enforcing", true, true],
  ["permissive", true, true],
  ["permissive", false, false],
  ["disabled", true, false],
  ["disabled", false, false],
] as const)(
  "candidatesFor() in mode %s, with somebody to ask: %s, is ambiguous: %s",
  (shortNameMode, interactive, ambiguous) => {
    expect(candidatesFor({ ...names, shortNameMode }, "alpine", { interactive }).ambiguous).toBe(ambiguous);
  },
);

test("candidatesFor() enforcing refuses several meanings when nobody can be asked, and takes one", () => {
  const enforcing = { ...names, shortNameMode: "enforcing" as const };
  expect(() => candidatesFor(enforcing, "alpine")).toThrow(
    "short-name resolution enforced but cannot prompt without a TTY",
  );
  expect(candidatesFor({ ...enforcing, searchRegistries: ["one.example"] }, "alpine").references).toHaveLength(1);
  expect(candidatesFor(enforcing, "fedora").references).toHaveLength(1);
});
