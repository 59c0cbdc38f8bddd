/** Promises by key, made on the first question or the first answer, whichever comes first. */
export interface Deferreds<Key, Value> {
  get(key: Key): Promise<Value>;
  resolve(key: Key, value: Value): void;
  /** Rejects what is asked for and not answered, now and later. */
  rejectAll(cause: unknown): void;
}

/** Makes an empty set of promises. */
export function createDeferreds<Key, Value>(): Deferreds<Key, Value> {
  const known = new Map<Key, PromiseWithResolvers<Value>>();
  let ended: { readonly cause: unknown } | undefined;
  const of = (key: Key): PromiseWithResolvers<Value> => {
    const found = known.get(key);
    if (found) return found;
    const made = Promise.withResolvers<Value>();
    made.promise.catch(() => {}); // nobody may be waiting
    if (ended) made.reject(ended.cause);
    known.set(key, made);
    return made;
  };
  return {
    get: (key) => of(key).promise,
    resolve: (key, value) => of(key).resolve(value),
    rejectAll: (cause) => {
      ended = { cause };
      for (const deferred of known.values()) deferred.reject(cause);
    },
  };
}
