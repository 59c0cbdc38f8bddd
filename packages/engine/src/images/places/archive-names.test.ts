import { digestOf, formatReference } from "@galley/spec";
import { expect, test } from "vitest";
import { archiveNames } from "./archive-names.ts";

const digest = digestOf(Buffer.from("x"));

test.each([
  ["docker-archive", "app", ["docker.io/library/app:latest"]],
  ["docker-archive", "team/app:1", ["docker.io/team/app:1"]],
  ["docker-archive", "localhost/app:1", ["localhost/app:1"]],
  ["docker-archive", "Not A Name", []],
  ["oci-archive", "example.test/app:1", ["example.test/app:1"]],
  ["oci-archive", "localhost:5000/app:1", ["localhost:5000/app:1"]],
  ["oci-archive", "localhost/app", ["localhost/app:latest"]],
  ["oci-archive", "latest", ["localhost/latest:latest"]],
  ["oci-archive", "app:1", ["localhost/app:1"]],
  ["oci-dir", "team/app:1", ["localhost/team/app:1"]],
  ["oci-dir", "a b", []],
  ["oci-dir", `x.test/a@${digest}`, []],
] as const)("archiveNames() reads in an %s %s as %j", (format, text, names) =>
  expect(archiveNames(format, { references: [text] }).map(formatReference)).toEqual(names),
);
