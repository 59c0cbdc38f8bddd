import { galleyError } from "@galley/spec";
import { expect, test } from "vitest";
import { systemError } from "./system-error.ts";

const failed = (code: string) => Object.assign(new Error(`${code}: it failed`), { code });

test.each([
  ["ENOSPC", "unavailable", "storage.full"],
  ["EDQUOT", "unavailable", "storage.full"],
  ["EROFS", "unavailable", "storage.read-only"],
  ["EACCES", "forbidden", "storage.forbidden"],
  ["ENOENT", "not-found", "storage.not-found"],
  ["EIO", "corrupt", "storage.input-output"],
  ["EMFILE", "internal", "internal"],
])("systemError() gives %s the kind %s", (errno, kind, code) => {
  expect(systemError("write it", failed(errno))).toMatchObject({
    kind,
    code,
    message: `write it: ${errno}: it failed`,
  });
});

test("systemError() keeps kind and code of our own errors", () => {
  const cause = galleyError("corrupt", "storage.digest-mismatch", "other bytes");
  expect(systemError("store it", cause)).toMatchObject({ kind: "corrupt", code: "storage.digest-mismatch", cause });
});
