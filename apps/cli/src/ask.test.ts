import { PassThrough } from "node:stream";
import { beforeEach, expect, test, vi } from "vitest";
import { type AskedTerminal, askLine, askSecret } from "./ask.ts";
import { output } from "./output/print.ts";

let shown = "";

beforeEach(() => {
  shown = "";
  vi.spyOn(output, "writeSync").mockImplementation(((_: number, bytes: Uint8Array) => {
    shown += Buffer.from(bytes).toString();
    return bytes.length;
  }) as never);
});

/** A terminal at which this is typed, piece by piece. */
function typing(...pieces: readonly (string | Uint8Array)[]) {
  const modes: boolean[] = [];
  const input = new PassThrough();
  for (const piece of pieces) input.write(piece);
  return { input: Object.assign(input, { setRawMode: (raw: boolean) => modes.push(raw) }) as AskedTerminal, modes };
}

test("askSecret() shows nothing of what is typed, and puts the terminal back", async () => {
  const { input, modes } = typing("pass", "word\r", "more");
  expect(await askSecret("Password: ", input)).toBe("password");
  expect([shown, modes]).toEqual(["Password: \n", [true, false]]);
});

test.each([
  [["wröng\x7f\x7f\x7f\x7fight\n"], "wight"],
  [["gone\x15kept\r"], "kept"],
  [["\x7f\x7fx\r"], "x"],
  [[Buffer.from("ö").subarray(0, 1), Buffer.from("ö").subarray(1), "\r"], "ö"],
  [["\x04"], ""],
  [["pa\x04ss\r"], "pa\x04ss"],
])("askSecret() reads %j as %j", async (pieces, secret) => {
  expect(await askSecret("", typing(...pieces).input)).toBe(secret);
});

test("askSecret() is cancelled by control-C and puts the terminal back", async () => {
  const { input, modes } = typing("pass\x03");
  await expect(askSecret("", input)).rejects.toMatchObject({ kind: "cancelled" });
  expect(modes).toEqual([true, false]);
});

test("askLine() gives one line, and nothing when there is none", async () => {
  expect(await askLine("Username: ", typing(" me \nmore\n").input)).toBe("me");
  const { input } = typing();
  (input as unknown as PassThrough).end();
  expect(await askLine("Username: ", input)).toBe("");
  expect(shown).toBe("Username: Username: ");
});
