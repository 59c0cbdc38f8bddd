import { describe, expect, test } from "vitest";
import { deviceNumbers, hostDevices } from "./host-devices.ts";

describe("hostDevices()", () => {
  test("hostDevices() has the harmless ones with their numbers, and nothing of the host's terminals", () => {
    const devices = hostDevices();
    expect(devices).toContainEqual(expect.objectContaining({ path: "/dev/null", type: "c", major: 1, minor: 3 }));
    expect(devices.filter(({ path }) => /^\/dev\/(pts|shm|tty\d|console|ptmx)/.test(path))).toEqual([]);
  });

  test("hostDevices() of a place without devices is empty", () => expect(hostDevices("/proc/self/ns")).toEqual([]));
});

test.each([
  [0x0103, 1, 3],
  [0x10_0000 + 0x0800, 8, 256],
  [0xfd_01, 253, 1],
])("deviceNumbers() takes %d apart (makedev(3))", (device, major, minor) =>
  expect(deviceNumbers(device)).toEqual({ major, minor }),
);
