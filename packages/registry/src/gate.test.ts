import { expect, test } from "vitest";
import { createGate } from "./gate.ts";

test("createGate() lets so many in at a time, in the order in which they came", async () => {
  const gate = createGate(2);
  const order: number[] = [];
  let inside = 0;
  let most = 0;
  const visit = async (place: number): Promise<void> => {
    const leave = await gate.enter();
    order.push(place);
    most = Math.max(most, ++inside);
    await new Promise((resolve) => setTimeout(resolve, 2));
    inside--;
    leave();
    leave();
  };
  await Promise.all([0, 1, 2, 3, 4, 5, 6].map(visit));
  expect([most, inside]).toEqual([2, 0]);
  expect(order).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

test("createGate() forgets who no longer waits", async () => {
  const gate = createGate(1);
  const leave = await gate.enter();
  const abort = new AbortController();
  const gone = gate.enter(abort.signal);
  const patient = gate.enter();
  abort.abort();
  await expect(gone).rejects.toMatchObject({ kind: "cancelled" });
  await expect(gate.enter(AbortSignal.abort())).rejects.toMatchObject({ kind: "cancelled" });
  leave();
  (await patient)();
  (await gate.enter())();
});
