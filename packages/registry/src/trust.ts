import type { RegistryOptions } from "./options.ts";

type TrustOptions = Pick<RegistryOptions, "tlsVerify" | "plainHttp">;

/**
 * Whether a host is this machine, by its name alone.
 *
 * @example
 * isLoopback("127.0.0.1"); // true
 */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname);
}

/** Whether a certificate of this host may be anyone's. */
export function mayBeUnverified(hostname: string, { tlsVerify }: TrustOptions): boolean {
  return tlsVerify === undefined ? isLoopback(hostname) : !tlsVerify;
}

/** Whether this host may be spoken to in plain HTTP. */
export function mayBePlain(hostname: string, { tlsVerify, plainHttp = "loopback" }: TrustOptions): boolean {
  if (tlsVerify !== undefined) return !tlsVerify;
  return plainHttp === "always" || (plainHttp === "loopback" && isLoopback(hostname));
}
