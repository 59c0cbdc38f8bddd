import { parseReference } from "@galley/spec";
import { expect, test } from "vitest";
import { requirementsFor } from "./check-policy.ts";
import { parsePolicy } from "./parse-policy.ts";
import { scopesOf } from "./scopes.ts";

const digest = `sha256:${"a".repeat(64)}`;

test("scopesOf() goes from the image to the host, then to wildcards", () => {
  expect(scopesOf({ transport: "docker", reference: parseReference("a.b.example.com:5000/ns/app:1") })).toEqual([
    "a.b.example.com:5000/ns/app:1",
    "a.b.example.com:5000/ns/app",
    "a.b.example.com:5000/ns",
    "a.b.example.com:5000",
    "*.b.example.com",
    "*.example.com",
    "*.com",
  ]);
  expect(scopesOf({ transport: "docker", reference: parseReference(`busybox:1@${digest}`) })[0]).toBe(
    `docker.io/library/busybox@${digest}`,
  );
});

test("scopesOf() goes from a path up to, but not including, the root", () => {
  expect(scopesOf({ transport: "dir", path: "/srv/images/a" })).toEqual(["/srv/images/a", "/srv/images", "/srv"]);
  expect(scopesOf({ transport: "oci", path: "/srv/a", reference: parseReference("localhost/x:1") })).toEqual([
    "/srv/a:1",
    "/srv/a",
    "/srv",
  ]);
  for (const transport of ["docker-archive", "tarball", "containers-storage", "docker"]) {
    expect(scopesOf({ transport, path: "/srv/a" })).toEqual([]);
  }
});

const policy = parsePolicy(
  "/p",
  JSON.stringify({
    default: [{ type: "reject" }],
    transports: Object.fromEntries(
      Object.entries({
        docker: [
          "docker.io/library/busybox:1",
          "docker.io/library",
          "*.example.com",
          "h.example.com:5000",
          "docker.io/library/by",
        ],
        "docker-archive": [""],
        dir: ["/srv/a", ""],
      }).map(([transport, scopes]) => [
        transport,
        Object.fromEntries(
          scopes.map((scope) => [scope, [{ type: "sigstoreSigned", keyPath: `/${transport}/${scope}` }]]),
        ),
      ]),
    ),
  }),
);

test.each([
  ["docker", "busybox:1", "docker.io/library/busybox:1"],
  ["docker", "busybox:2", "docker.io/library"],
  ["docker", "docker.io/other/busybox:1", undefined],
  ["docker", "a.b.example.com/x", "*.example.com"],
  ["docker", "h.example.com:5000/x", "h.example.com:5000"],
  ["docker", "h.example.com:5001/x", "*.example.com"],
  ["docker", "example.com/x", undefined],
  ["docker", "docker.io/library/byx", "docker.io/library"],
  ["oci", "/srv/a", undefined],
  ["docker-archive", "/srv/a", ""],
  ["dir", "/srv/a/b", "/srv/a"],
  ["dir", "/srv/ab", ""],
])("requirementsFor() judges %s %s by the scope %j", (transport, name, scope) => {
  const place = transport === "docker" ? { reference: parseReference(name) } : { path: name };
  const [found] = requirementsFor(policy, { transport, ...place });
  expect(found).toMatchObject(
    scope === undefined ? { type: "reject" } : { keys: [{ path: `/${transport}/${scope}` }] },
  );
});
