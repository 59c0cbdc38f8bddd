import { galleyError } from "@galley/spec";

/** What a user wants of a container's labels (`--security-opt label=...`). */
export interface LabelOptions {
  /** No confinement: the process keeps the label of its parent. */
  readonly disable?: boolean | undefined;
  /** The container may see SELinux and label things itself. */
  readonly nested?: boolean | undefined;
  readonly user?: string | undefined;
  readonly role?: string | undefined;
  /** The type of the process. */
  readonly type?: string | undefined;
  /** The type of its files. */
  readonly filetype?: string | undefined;
  /** In place of a pair of categories of its own; not checked to be unique. */
  readonly level?: string | undefined;
}

const fields = ["user", "role", "type", "filetype", "level"] as const;

function parseOption(text: string): LabelOptions {
  if (text === "disable") return { disable: true };
  if (text === "nested") return { nested: true };
  const colon = text.indexOf(":");
  const name = fields.find((field) => field === text.slice(0, Math.max(colon, 0)));
  const value = text.slice(colon + 1);
  const pattern = name === "level" ? /^[\w.,:-]{1,256}$/ : /^[\w.-]{1,256}$/;
  if (name && pattern.test(value)) return { [name]: value };
  const known = `disable, nested or ${fields.join(", ")} followed by a colon and a value`;
  throw galleyError("invalid", "selinux.option", `label option ${JSON.stringify(text)} is not one of ${known}`, {
    details: { option: text },
  });
}

/**
 * Reads what stands behind `label=`. Of two values for one field the later wins. Throws `invalid`.
 *
 * @example
 * parseLabelOptions(["type:spc_t", "level:s0:c1,c2"]); // { type: "spc_t", level: "s0:c1,c2" }
 */
export function parseLabelOptions(texts: readonly string[]): LabelOptions {
  return Object.assign({}, ...texts.map(parseOption)) as LabelOptions;
}
