import type { Descriptor, Digest } from "@galley/spec";
import { isDigest } from "@galley/spec";

/** What a manifest says about itself to those who look for what refers to something. */
export interface Referrer {
  readonly subject: Digest;
  /** As it is listed: with the artifact type and the annotations of the manifest. */
  readonly descriptor: Descriptor;
}

/**
 * Reads `subject` of a manifest or index; undefined when it has none. Looks at nothing else, so that pushing a manifest
 * does not need schemas (OCI distribution-spec 1.1, "Pushing Manifests with Subject").
 */
export function referrerOf(descriptor: Descriptor, bytes: Uint8Array): Referrer | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  if (!text.includes('"subject"')) return undefined;
  const { subject, artifactType, config, annotations } = documentOf(text);
  const digest = stringIn(subject, "digest");
  if (!isDigest(digest)) return undefined;
  const type = (typeof artifactType === "string" && artifactType) || stringIn(config, "mediaType");
  const { mediaType, digest: own, size } = descriptor;
  return {
    subject: digest,
    descriptor: {
      ...{ mediaType, digest: own, size },
      ...(type !== "" && { artifactType: type }),
      ...(isTextMap(annotations) && { annotations }),
    },
  };
}

function documentOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const document: unknown = JSON.parse(text);
    return typeof document === "object" && document !== null ? { ...document } : {};
  } catch {
    return {};
  }
}

function stringIn(value: unknown, name: string): string {
  const found = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
  return typeof found === "string" ? found : "";
}

function isTextMap(value: unknown): value is Readonly<Record<string, string>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((each) => typeof each === "string");
}
