/**
 * Plain data as YAML for people to read: what `info` prints. Texts that YAML would take for something else are quoted.
 *
 * @example yaml({ host: { cpus: 2 } }); // "host:\n  cpus: 2"
 */
export function yaml(value: unknown, indent = ""): string {
  if (Array.isArray(value))
    return value.map((item) => `${indent}- ${nested(item, `${indent}  `).trimStart()}`).join("\n");
  return Object.entries(value as object)
    .map(
      ([key, item]) =>
        `${indent}${key}:${isFilled(item) ? "\n" : " "}${nested(item, Array.isArray(item) ? indent : `${indent}  `)}`,
    )
    .join("\n");
}

function nested(value: unknown, indent: string): string {
  return isFilled(value) ? yaml(value, indent) : scalar(value);
}

function isFilled(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length > 0;
}

/** Letters first, and nothing that YAML gives a meaning. */
const plain = /^[A-Za-z/][A-Za-z0-9 ._/+,@()-]*$/;
const words = new Set(["true", "false", "null", "yes", "no", "on", "off", "y", "n"]);

function scalar(value: unknown): string {
  if (typeof value !== "string") return value === undefined ? "null" : JSON.stringify(value);
  return plain.test(value) && !value.endsWith(" ") && !words.has(value.toLowerCase()) ? value : JSON.stringify(value);
}
