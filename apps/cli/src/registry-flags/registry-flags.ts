import type { RegistryAccess } from "@galley/engine";
import { type FlagValues, text, triState, value } from "../flags/flag.ts";
import { parseCredentials } from "../values/parse-credentials.ts";
import { parseDuration } from "../values/parse-duration.ts";
import { parseCount } from "../values/parse-number.ts";

/** The flags of every command that speaks to a registry. Read them with {@link registryAccessOf}. */
export const registryFlags = {
  authfile: value("PATH", "Look for credentials in this file alone", text),
  "cert-dir": value("PATH", "Take the registry's CA and client certificates from this directory", text),
  creds: value("NAME:PASSWORD", "Use this user and password", parseCredentials),
  retry: value("NUMBER", "Try this many times more when a transfer fails in a way that may pass (4)", parseCount),
  "retry-delay": value("DURATION", "Wait this long before the first retry; doubles (500ms)", parseDuration),
  "tls-verify": triState("Require HTTPS with a valid certificate, except for loopback (true)"),
};

/** For the commands that fetch images: also which images may come. */
export const pullAccessFlags = {
  ...registryFlags,
  "signature-policy": { ...value("PATH", "Judge images by this policy.json", text), hidden: true },
};

type Given = Partial<FlagValues<typeof pullAccessFlags>>;

/**
 * How to speak to a registry, as the flags say.
 *
 * @example const repository = await openRemote(reference, registryAccessOf(flags));
 */
export function registryAccessOf(flags: Given): RegistryAccess {
  const { authfile, creds, retry, "tls-verify": tlsVerify } = flags;
  const { "cert-dir": certificateDirectory, "retry-delay": delayMs, "signature-policy": signaturePolicyPath } = flags;
  const retries = {
    ...(retry === undefined ? {} : { attempts: retry + 1 }),
    ...(delayMs === undefined ? {} : { delayMs }),
  };
  return {
    ...(tlsVerify === undefined ? {} : { tlsVerify }),
    ...(authfile === undefined ? {} : { authFilePath: authfile }),
    ...(creds === undefined ? {} : { credentials: creds }),
    ...(certificateDirectory === undefined ? {} : { certificateDirectory }),
    ...(Object.keys(retries).length === 0 ? {} : { retry: retries }),
    ...(signaturePolicyPath === undefined ? {} : { signaturePolicyPath }),
  };
}
