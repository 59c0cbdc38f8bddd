import { constants } from "node:os";
import { expect, test } from "vitest";
import { errnoName, errnos } from "./errnos.ts";

test("errnoName() gives the usual name of a number, and says which number it does not know", () => {
  expect(errnoName(2)).toBe("ENOENT");
  expect(errnoName(11)).toBe("EAGAIN"); // not EWOULDBLOCK
  expect(errnoName(95)).toBe("EOPNOTSUPP"); // not ENOTSUP
  expect(errnoName(999)).toBe("errno 999");
  expect(errnoName(0)).toBe("errno 0");
});

test.runIf(process.platform === "linux")("errnos agree with this system's", () => {
  const here = Object.entries(constants.errno).filter(([name]) => name in errnos);
  expect(here.length).toBeGreaterThan(70);
  for (const [name, number] of here) expect([name, errnos[name as keyof typeof errnos]]).toEqual([name, number]);
});
