import { existsSync } from "node:fs";
import type { LoginPlace } from "@galley/engine";
import { badValue } from "./flags/usage-error.ts";
import { registryAccessOf } from "./registry-flags/registry-flags.ts";

type Given = Parameters<typeof registryAccessOf>[0] & { readonly "compat-auth-file"?: string | undefined };

/** Where logins are kept and how to check them, as the flags say. */
export function loginPlaceOf(flags: Given): LoginPlace {
  const { "compat-auth-file": compatAuthFilePath, authfile } = flags;
  if (compatAuthFilePath && authfile) {
    throw badValue("--authfile and --compat-auth-file can not be set simultaneously");
  }
  return { ...registryAccessOf(flags), ...(compatAuthFilePath === undefined ? {} : { compatAuthFilePath }) };
}

/** A file that was named and that is not there is a mistake of whoever logs out. */
export function checkLoginFile({ authFilePath, compatAuthFilePath }: LoginPlace): void {
  const path = authFilePath ?? compatAuthFilePath;
  if (path !== undefined && !existsSync(path)) throw badValue(`credential file is not accessible: there is no ${path}`);
}
