import { expect, test } from "vitest";
import { formatFlag } from "./format-flag.ts";

const { read } = formatFlag();
test("formatFlag() reads json", () => expect(read(["json"])).toBe("json"));
test("formatFlag() says that templates come later", () =>
  expect(() => read(["{{.ID}}"])).toThrow("Go templates are not supported yet"));
test("formatFlag() refuses what it does not know", () => expect(() => read(["xml"])).toThrow('unknown format "xml"'));
