import type { Readable } from "node:stream";
import type { ScannedInput } from "./detach-keys.ts";

/** Where input goes: an attachment. */
export interface InputTarget {
  write(bytes: Uint8Array): Promise<void>;
  endStdin(): void;
}

export type InputEnd = "ended" | "detached";

/**
 * Hands input on until its end, no faster than the container takes it. `scan` may take keys out and ask to detach.
 * What cannot be delivered, since the container has ended, is dropped.
 */
export async function forwardInput(
  source: Readable,
  target: InputTarget,
  scan: (input: Uint8Array) => ScannedInput = (forward) => ({ forward, detached: false }),
): Promise<InputEnd> {
  try {
    for await (const chunk of source) {
      const { forward, detached } = scan(chunk as Uint8Array);
      if (forward.length > 0) await target.write(forward);
      if (detached) return "detached";
    }
  } catch {
    // unreadable input is ended input, and a container that takes no more needs none
  }
  target.endStdin();
  return "ended";
}
