import { type Step, stepper } from "@galley/plan";
import type { NamespacePlan } from "./plan-namespaces.ts";

const step = stepper("namespaces");

// linux/netlink.h, linux/rtnetlink.h, linux/if.h
const messageBytes = 32;
const newLink = 16;
const request = 1;
const acknowledge = 4;
const interfaceUp = 1;
/** The loopback device is the first of every network namespace. */
const loopbackIndex = 1;
/** Netlink speaks the byte order of the machine (netlink(7)). */
const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/**
 * The netlink message that brings the loopback device up (rtnetlink(7): RTM_NEWLINK of interface 1, IFF_UP, acknowledged).
 *
 * @example
 * loopbackUpMessage().length; // 32
 */
export function loopbackUpMessage(): Uint8Array {
  const view = new DataView(new ArrayBuffer(messageBytes));
  view.setUint32(0, messageBytes, littleEndian);
  view.setUint16(4, newLink, littleEndian);
  view.setUint16(6, request | acknowledge, littleEndian);
  view.setUint32(8, 1, littleEndian); // sequence number
  view.setInt32(20, loopbackIndex, littleEndian);
  view.setUint32(24, interfaceUp, littleEndian); // flags
  view.setUint32(28, interfaceUp, littleEndian); // which of them change
  return new Uint8Array(view.buffer);
}

/**
 * Brings the loopback device up when the network namespace is new; a joined one is its owner's business. For the init lane.
 *
 * @example
 * loopbackSteps(planNamespaces([{ type: "network" }])).length; // 1
 */
export function loopbackSteps(plan: NamespacePlan): readonly Step[] {
  if (!plan.created.includes("network")) return [];
  return [step("netlink", { messages: loopbackUpMessage() }, "bring the loopback device up")];
}
