/** The first error of a registry's error body (OCI distribution-spec 1.1, "Error Codes"). */
export interface RegistryMessage {
  readonly code: string;
  readonly message: string;
}

/**
 * Reads an error body; undefined when it is none: proxies and load balancers answer with pages of their own. Without a
 * schema, since loading those takes longer than the whole pull of an image that is there.
 *
 * @example
 * readErrorBody(body)?.code; // "MANIFEST_UNKNOWN"
 */
export function readErrorBody(body: Uint8Array): RegistryMessage | undefined {
  try {
    const [first] = JSON.parse(Buffer.from(body).toString()).errors;
    if (typeof first.code !== "string") return undefined;
    return { code: first.code, message: typeof first.message === "string" ? first.message : "" };
  } catch {
    return undefined;
  }
}

/**
 * The words of a body in another form, as token services have it: OAuth's `error_description` and `error` (RFC 6749,
 * section 5.2), Docker Hub's `details`, or `message`.
 *
 * @example
 * readOtherWords(Buffer.from('{"details":"incorrect username or password"}'));
 */
export function readOtherWords(body: Uint8Array): string | undefined {
  try {
    const { error_description, details, message, error } = JSON.parse(Buffer.from(body).toString());
    return [error_description, details, message, error].find((each) => typeof each === "string" && each !== "");
  } catch {
    return undefined;
  }
}
