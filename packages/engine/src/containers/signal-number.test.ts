import { describe, expect, test } from "vitest";
import { makeImage } from "../testing/make-image.ts";
import type { ContainerRecord } from "./container-record.ts";
import { signalNumber } from "./signal-number.ts";
import { containerStopSignal } from "./stop-signal.ts";

describe("signalNumber()", () => {
  test.each([
    ["SIGTERM", 15],
    ["term", 15],
    ["sigkill", 9],
    ["1", 1],
    ["64", 64],
    ["RTMIN", 34],
    ["SIGRTMIN+3", 37],
    ["RTMAX-1", 63],
  ])("signalNumber() reads %s", (text, number) => expect(signalNumber(text)).toBe(number));

  test.each(["", "0", "65", "-9", "SIG", "SIGFOO", "RTMIN-1", "RTMAX+1", "RTMIN+31", "9 ", "constructor", "__proto__"])(
    "signalNumber() refuses %j",
    (text) =>
      expect(() => signalNumber(text)).toThrow(expect.objectContaining({ kind: "invalid", code: "engine.bad-signal" })),
  );
});

describe("containerStopSignal()", () => {
  const record = (stopSignal?: string): ContainerRecord => {
    return {
      options: { image: "x", ...(stopSignal === undefined ? {} : { life: { stopSignal } }) },
    } as ContainerRecord;
  };

  test("containerStopSignal() takes the container's, then the image's, then SIGTERM", () => {
    const image = makeImage("x", { StopSignal: "SIGINT" });
    expect(containerStopSignal(record("HUP"), image)).toBe(1);
    expect(containerStopSignal(record(), image)).toBe(2);
    expect(containerStopSignal(record(), makeImage())).toBe(15);
    expect(containerStopSignal(record(), undefined)).toBe(15);
  });

  test("containerStopSignal() lets no image make its containers unstoppable", () => {
    expect(containerStopSignal(record(), makeImage("x", { StopSignal: "SIGNONSENSE" }))).toBe(15);
  });
});
