import { slot } from "@galley/plan";
import { describe, expect, test } from "vitest";
import { enterSteps } from "./enter-steps.ts";
import { hostNameSteps } from "./host-name.ts";
import { loopbackSteps, loopbackUpMessage } from "./loopback.ts";
import { planNamespaces } from "./plan-namespaces.ts";

test("enterSteps() joins all namespaces in one call, each once", () => {
  const process = slot("process");
  expect(enterSteps(process, ["mount", "pid", "mount"])).toMatchObject([{ op: "setns", args: { target: process, namespaces: ["mount", "pid"] } }]);
  expect(() => enterSteps(process, [])).toThrow(expect.objectContaining({ code: "namespaces.none" }));
});

test("loopbackUpMessage() asks for interface 1 to be up, and for an acknowledgement", () => {
  // length 32, RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK, sequence 1, port 0; family 0, type 0, index 1, flags IFF_UP, change IFF_UP
  const words = [32, 16 | (5 << 16), 1, 0, 0, 1, 1, 1];
  expect(loopbackUpMessage()).toEqual(new Uint8Array(new Uint32Array(words).buffer));
});

test("loopbackSteps() leaves a joined or shared network alone", () => {
  expect(loopbackSteps(planNamespaces([{ type: "network" }])).map(({ op }) => op)).toEqual(["netlink"]);
  expect(loopbackSteps(planNamespaces([{ type: "network", path: "/run/netns/blue" }]))).toEqual([]);
  expect(loopbackSteps(planNamespaces([]))).toEqual([]);
});

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
    expect(() => hostNameSteps({ hostname: "web" }, planNamespaces([]))).toThrow(expect.objectContaining({ code: "namespaces.shared-name" }));
  });

  test("refuses names over 64 bytes and zero bytes", () => {
    for (const hostname of ["é".repeat(33), "a\0b"]) expect(() => hostNameSteps({ hostname }, own)).toThrow(expect.objectContaining({ code: "namespaces.name" }));
    expect(hostNameSteps({ hostname: "a".repeat(64) }, own)).toHaveLength(1);
  });
});
