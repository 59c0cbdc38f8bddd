/** One resource of a scope and what is to be done with it. */
interface Part {
  readonly resource: string;
  readonly actions: readonly string[];
}

/**
 * Scopes of the registries' token authentication protocol as one list, each resource once with all of its actions. An
 * element may hold several scopes, with spaces between them, as challenges do.
 *
 * @example
 * mergeScopes(["repository:a:pull", "repository:a:pull,push"]); // ["repository:a:pull,push"]
 */
export function mergeScopes(scopes: readonly string[]): string[] {
  const merged = new Map<string, Set<string>>();
  for (const { resource, actions } of scopes.flatMap(partsOf)) {
    merged.set(resource, new Set([...(merged.get(resource) ?? []), ...actions]));
  }
  return [...merged].map(([resource, actions]) => `${resource}:${[...actions].join(",")}`);
}

/** Every single thing that scopes allow, for comparison. */
export function scopeActions(scopes: readonly string[]): ReadonlySet<string> {
  return new Set(
    scopes.flatMap(partsOf).flatMap(({ resource, actions }) => actions.map((action) => `${resource}:${action}`)),
  );
}

/** A resource's name may have colons of its own, so the last one counts. */
function partsOf(text: string): Part[] {
  const words = text.split(/\s+/).filter((word) => word.includes(":"));
  return words.map((word) => {
    const colon = word.lastIndexOf(":");
    return { resource: word.slice(0, colon), actions: word.slice(colon + 1).split(",") };
  });
}
