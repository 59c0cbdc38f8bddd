/**
 * Does a pattern fit an image's name? `*` and `?` stand for anything but a slash, `[a-z]` for one of some. A pattern without a tag
 * fits every tag; one that begins later in the path than the name does fits, too: `alpine` is any registry's.
 *
 * @example referenceMatches("library/al*", "docker.io/library/alpine:3"); // true
 */
export function referenceMatches(pattern: string, name: string): boolean {
  const expression = expressionOf(pattern);
  const untagged = name.replace(/:[^:/]+$/, "");
  return [...tails(name), ...tails(untagged)].some((tail) => expression.test(tail));
}

/** A path and what follows each of its slashes. */
function tails(path: string): string[] {
  const parts = path.split("/");
  return parts.map((_, index) => parts.slice(index).join("/"));
}

function expressionOf(pattern: string): RegExp {
  const source = pattern.replace(/\*+|\?|\[\^?[^\]]+\]|[\\^$.|+(){}[\]]/g, (found) => {
    if (found.startsWith("*")) return "[^/]*";
    if (found === "?") return "[^/]";
    return found.length > 1 ? found.replaceAll("\\", "\\\\") : `\\${found}`;
  });
  return new RegExp(`^${source}$`);
}
