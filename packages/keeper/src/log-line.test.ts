import fc from "fast-check";
import { expect, test } from "vitest";
import { parseLogLine } from "./log-line.ts";

const parse = (text: string) => parseLogLine(Buffer.from(text, "latin1"));

test("parseLogLine() reads a whole line and a partial one", () => {
  const time = "2016-10-06T00:17:09.669794202Z";
  expect(parse(`${time} stdout F hello world `)).toEqual({
    time,
    stream: "stdout",
    partial: false,
    bytes: Buffer.from("hello world "),
  });
  expect(parse(`${time} stderr P `)).toEqual({ time, stream: "stderr", partial: true, bytes: Buffer.alloc(0) });
});

test("parseLogLine() takes offsets, fewer digits, and further tags", () => {
  for (const time of ["2016-10-06T00:17:09Z", "2016-10-06T00:17:09.1+02:00", "2016-10-06T00:17:09.123456789-11:30"]) {
    expect(parse(`${time} stdout F:x:y text`)).toMatchObject({ time, partial: false, bytes: Buffer.from("text") });
  }
});

test.each([
  "",
  " ",
  "2016-10-06T00:17:09Z",
  "2016-10-06T00:17:09Z stdout",
  "2016-10-06T00:17:09Z stdout F",
  "2016-10-06T00:17:09Z stdin F x",
  "2016-10-06T00:17:09Z stdout X x",
  "2016-10-06T00:17:09Z stdout Fx y",
  "2016-10-06 00:17:09Z stdout F x",
  "2016-10-06T00:17:09 stdout F x",
  "x2016-10-06T00:17:09Z stdout F x",
  "\0\0\0\0\0\0\0\0\0\0",
  `${"9".repeat(100)} stdout F x`,
])("parseLogLine() refuses %j", (text) => {
  expect(parse(text)).toBeUndefined();
});

test("parseLogLine() gives back any bytes", () => {
  const stream = fc.constantFrom("stdout" as const, "stderr" as const);
  fc.assert(
    fc.property(
      fc.uint8Array(),
      stream,
      fc.boolean(),
      fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }),
      (bytes, name, partial, date) => {
        const head = Buffer.from(`${date.toISOString()} ${name} ${partial ? "P" : "F"} `);
        const line = parseLogLine(Buffer.concat([head, bytes]));
        expect(line).toMatchObject({ time: date.toISOString(), stream: name, partial });
        expect(Buffer.compare(Buffer.from(line?.bytes ?? []), Buffer.from(bytes))).toBe(0);
      },
    ),
  );
});

test("parseLogLine() throws at nothing", () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => void parseLogLine(bytes)));
});
