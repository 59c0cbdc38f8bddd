import { expect, test } from "vitest";
import { loopbackSteps, loopbackUpMessage } from "./loopback.ts";
import { planNamespaces } from "./plan-namespaces.ts";

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
