import { expect, test } from "vitest";
import { parseEntrypoint } from "./parse-entrypoint.ts";

test.each([
  ["", []],
  ["/bin/sh", ["/bin/sh"]],
  ["sh -c", ["sh -c"]],
  ['["sh","-c"]', ["sh", "-c"]],
  ["[]", []],
  ['["sh"', ['["sh"']],
  ["[1]", ["[1]"]],
])("parseEntrypoint(%j)", (given, entrypoint) => expect(parseEntrypoint(given)).toEqual(entrypoint));
