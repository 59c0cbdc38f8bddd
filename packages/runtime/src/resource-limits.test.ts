import { expect, test } from "vitest";
import { resourceLimitSteps } from "./resource-limits.ts";

const unlimited = 2n ** 64n - 1n;

/** asm-generic/resource.h, in the order of its numbers. */
const names =
  "CPU FSIZE DATA STACK CORE RSS NPROC NOFILE MEMLOCK AS LOCKS SIGPENDING MSGQUEUE NICE RTPRIO RTTIME".split(" ");

test.each(names.map((name, number) => [name, number]))(
  "resourceLimitSteps() knows RLIMIT_%s as number %i",
  (name, resource) => {
    const [step] = resourceLimitSteps([{ type: `RLIMIT_${name}`, soft: 1, hard: 2 }]);
    expect(step).toMatchObject({ op: "resourceLimit", args: { resource, soft: 1n, hard: 2n }, by: "runtime" });
  },
);

test.each([
  [0, 0n],
  [-1, unlimited],
  [2 ** 53, 2n ** 53n],
  [2 ** 63, 2n ** 63n],
  [2 ** 64, unlimited],
])("resourceLimitSteps() takes %d for %d", (limit, expected) => {
  const [step] = resourceLimitSteps([{ type: "RLIMIT_CORE", soft: limit, hard: limit }]);
  expect(step?.args).toEqual({ resource: 4, soft: expected, hard: expected });
});

test("resourceLimitSteps() keeps the order and says what it does", () => {
  const steps = resourceLimitSteps([
    { type: "RLIMIT_NOFILE", soft: 10, hard: 20 },
    { type: "RLIMIT_CORE", soft: 0, hard: -1 },
  ]);
  expect(steps.map(({ why }) => why)).toEqual(["limit nofile to 10:20", "limit core to 0:-1"]);
});

test.each(["NOFILE", "RLIMIT_", "rlimit_core", "RLIMIT_X", "", "toString", "__proto__"])(
  "resourceLimitSteps() refuses the name %j",
  (type) => {
    expect(() => resourceLimitSteps([{ type, soft: 1, hard: 1 }])).toThrow(
      expect.objectContaining({ kind: "invalid", code: "runtime.unknown-limit" }),
    );
  },
);

test.each([1.5, Number.NaN, Number.POSITIVE_INFINITY])("resourceLimitSteps() refuses the value %d", (soft) => {
  expect(() => resourceLimitSteps([{ type: "RLIMIT_CORE", soft, hard: 1 }])).toThrow(
    expect.objectContaining({ kind: "invalid", code: "runtime.bad-limit" }),
  );
});

test("resourceLimitSteps() refuses a limit that is listed twice, as the OCI runtime spec wants", () => {
  const limit = { type: "RLIMIT_CORE", soft: 0, hard: 0 };
  expect(() => resourceLimitSteps([limit, { ...limit, soft: 1 }])).toThrow(
    expect.objectContaining({ code: "runtime.limit-twice" }),
  );
});
