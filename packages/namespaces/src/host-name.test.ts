import { describe, expect, test } from "vitest";
import { hostNameSteps } from "./host-name.ts";
import { planNamespaces } from "./plan-namespaces.ts";

describe("hostNameSteps()", () => {
  const own = planNamespaces([{ type: "uts" }]);

  test("sets what is given and leaves the rest", () => {
    expect(hostNameSteps({ hostname: "web", domainname: "example" }, own).map(({ op, args }) => [op, args])).toEqual([
      ["hostname", { name: "web" }],
      ["domainname", { name: "example" }],
    ]);
    expect(hostNameSteps({ hostname: "" }, planNamespaces([]))).toEqual([]);
  });

  test("refuses to rename the host", () => {
    expect(() => hostNameSteps({ hostname: "web" }, planNamespaces([]))).toThrow(
      expect.objectContaining({ code: "namespaces.shared-name" }),
    );
  });

  test("refuses names over 64 bytes and zero bytes", () => {
    for (const hostname of ["é".repeat(33), "a\0b"])
      expect(() => hostNameSteps({ hostname }, own)).toThrow(expect.objectContaining({ code: "namespaces.name" }));
    expect(hostNameSteps({ hostname: "a".repeat(64) }, own)).toHaveLength(1);
  });
});
