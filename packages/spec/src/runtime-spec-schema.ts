import { z } from "zod";
import { galleyError } from "./error.ts";
import { maxRuntimeSpecBytes } from "./limits.ts";
import { parseDocument } from "./parse-document.ts";
import { idMappingsSchema, list, map, text, textList, uint32 } from "./runtime-fields.ts";
import { linuxSpecSchema } from "./runtime-linux-schema.ts";
import { processSpecSchema } from "./runtime-process-schema.ts";
import type { RuntimeSpec } from "./runtime-spec.ts";

const mount = z.object({
  destination: text.min(1),
  type: text.exactOptional(),
  source: text.exactOptional(),
  options: textList.exactOptional(),
  uidMappings: idMappingsSchema.exactOptional(),
  gidMappings: idMappingsSchema.exactOptional(),
});

const hook = z.object({
  path: text.startsWith("/", "not an absolute path"),
  args: textList.exactOptional(),
  env: textList.exactOptional(),
  timeout: uint32.min(1).exactOptional(),
});

const hooks = list(hook).exactOptional();

/** `config.json` of a bundle. Members of other systems (`windows`, `solaris`, `vm`, `zos`) are dropped. */
export const runtimeSpecSchema: z.ZodType<RuntimeSpec> = z.object({
  ociVersion: z.string(),
  process: processSpecSchema.exactOptional(),
  root: z.object({ path: text.min(1), readonly: z.boolean().exactOptional() }).exactOptional(),
  hostname: text.exactOptional(),
  domainname: text.exactOptional(),
  mounts: list(mount).exactOptional(),
  hooks: z
    .object({
      prestart: hooks,
      createRuntime: hooks,
      createContainer: hooks,
      startContainer: hooks,
      poststart: hooks,
      poststop: hooks,
    })
    .exactOptional(),
  annotations: map(z.string()).exactOptional(),
  linux: linuxSpecSchema.exactOptional(),
});

/**
 * Reads a runtime document. Throws `corrupt`, and `unsupported` for a version that is not 1.
 *
 * @example
 * const { process, linux } = parseRuntimeSpec(await readFile(`${bundle}/config.json`));
 */
export function parseRuntimeSpec(input: unknown): RuntimeSpec {
  const spec = parseDocument(runtimeSpecSchema, input, { name: "runtime spec", maxBytes: maxRuntimeSpecBytes });
  if (/^1\.\d+\.\d+(?:[-+].*)?$/.test(spec.ociVersion)) return spec;
  const version = JSON.stringify(spec.ociVersion.slice(0, 40));
  throw galleyError("unsupported", "spec.runtime-version", `runtime spec version ${version}`);
}
