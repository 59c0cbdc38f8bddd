/** Control-P, control-Q: what leaves a terminal without ending what runs in it. */
export const detachKeys = Uint8Array.of(0x10, 0x11);

/** What to do with some input. */
export interface ScannedInput {
  readonly forward: Uint8Array;
  readonly detached: boolean;
}

/**
 * Watches for a key sequence in what is typed. Keys that may begin it are held back until it is clear whether they do.
 *
 * @example
 * const scan = detachScanner(detachKeys);
 * scan(Uint8Array.of(0x61, 0x10)); // forwards 0x61, holds 0x10 back
 * scan(Uint8Array.of(0x11)); // detached
 */
export function detachScanner(keys: Uint8Array): (input: Uint8Array) => ScannedInput {
  let held = 0;
  return (input) => {
    const forward: number[] = [];
    for (const key of input) {
      if (key === keys[held]) {
        held++;
        if (held === keys.length) return { forward: Uint8Array.from(forward), detached: true };
        continue;
      }
      forward.push(...keys.subarray(0, held));
      held = key === keys[0] ? 1 : 0;
      if (held === 0) forward.push(key);
    }
    return { forward: Uint8Array.from(forward), detached: false };
  };
}
