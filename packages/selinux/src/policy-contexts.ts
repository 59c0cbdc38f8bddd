import { formatContext, parseContext, type SelinuxContext } from "./context.ts";

/** What the loaded policy gives containers, before categories. */
export interface PolicyContexts {
  readonly process: SelinuxContext;
  readonly file: SelinuxContext;
}

/** The contexts of container-selinux, for systems whose policy does not say. */
export const usualContexts: PolicyContexts = {
  process: { user: "system_u", role: "system_r", type: "container_t", level: "s0" },
  file: { user: "system_u", role: "object_r", type: "container_file_t", level: "s0" },
};

/**
 * Reads the policy's `contexts/lxc_contexts` file (lines as `process = "system_u:system_r:container_t:s0"`). What it
 * does not say stays as in `usualContexts`. Throws `invalid` for a context that is none.
 *
 * @example
 * parsePolicyContexts('process = "system_u:system_r:container_t:s0"\n').process.type; // "container_t"
 */
export function parsePolicyContexts(text: string): PolicyContexts {
  const read = (name: keyof PolicyContexts): SelinuxContext => {
    const value = new RegExp(`^\\s*${name}\\s*=\\s*"([^"]*)"`, "m").exec(text)?.[1];
    return parseContext(value ?? formatContext(usualContexts[name]));
  };
  return { process: read("process"), file: read("file") };
}
