import { expect, test } from "vitest";
import { wrap } from "./wrap.ts";

test("wrap() breaks between words", () => expect(wrap("one two three", 8, "- ", "  ")).toBe("- one\n  two\n  three"));
test("wrap() leaves a long word whole", () => expect(wrap("a bbbbbbbbbbbb c", 5)).toBe("a\nbbbbbbbbbbbb\nc"));
