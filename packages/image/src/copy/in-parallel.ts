/** How to run. */
export interface ParallelOptions<Item> {
  readonly signal: AbortSignal | undefined;
  readonly run: (item: Item, signal: AbortSignal) => Promise<void>;
}

/** Runs over items, so many at a time. The first failure stops the others, is waited for with them, and is thrown. */
export async function inParallel<Item>(
  items: readonly Item[],
  concurrency: number,
  { signal, run }: ParallelOptions<Item>,
): Promise<void> {
  const stop = new AbortController();
  const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const queue = items.values();
  const failures: unknown[] = [];
  const work = async () => {
    for (const item of queue) {
      if (either.aborted) return;
      await run(item, either).catch((error: unknown) => {
        failures.push(error);
        stop.abort(error);
      });
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(concurrency, items.length)) }, work));
  if (failures.length > 0) throw failures[0];
  signal?.throwIfAborted();
}
