import { expect, test } from "vitest";
import { isTransient, registryError } from "./registry-error.ts";

const body = (code: string, message = "no"): Uint8Array => Buffer.from(JSON.stringify({ errors: [{ code, message }] }));

test.each([
  [404, "MANIFEST_UNKNOWN", "not-found", "registry.manifest-unknown"],
  [404, "NAME_UNKNOWN", "not-found", "registry.name-unknown"],
  [404, "BLOB_UNKNOWN", "not-found", "registry.blob-unknown"],
  [404, "toString", "not-found", "registry.not-found"],
  [401, "UNAUTHORIZED", "unauthorized", "registry.unauthorized"],
  [401, "MANIFEST_UNKNOWN", "unauthorized", "registry.unauthorized"],
  [403, "DENIED", "forbidden", "registry.denied"],
  [429, "TOOMANYREQUESTS", "unavailable", "registry.too-many-requests"],
  [400, "DIGEST_INVALID", "corrupt", "registry.digest-mismatch"],
  [405, "UNSUPPORTED", "unsupported", "registry.unsupported"],
  [500, "MANIFEST_UNKNOWN", "unavailable", "registry.failed"],
  [418, "TEAPOT", "unavailable", "registry.failed"],
])("registryError() reads status %i with %s", (status, registryCode, kind, code) => {
  const error = registryError("fetch x", { status, body: body(registryCode) });
  expect(error).toMatchObject({ kind, code, message: "fetch x: no", details: { status, registryCode } });
});

test("registryError() knows which statuses may pass", () => {
  const passing = [400, 401, 403, 404, 408, 429, 500, 501, 502, 503, 504].filter((status) =>
    isTransient(registryError("x", { status, body: new Uint8Array() })),
  );
  expect(passing).toEqual([408, 429, 500, 502, 503, 504]);
});

test("registryError() gives the status when the body says nothing", () => {
  const page = Buffer.from("<html>nginx</html>");
  expect(registryError("fetch x", { status: 502, body: page }).message).toBe("fetch x: the registry answered 502");
});

test("registryError() lets no control characters of a registry reach a terminal", () => {
  const hostile = body("DENIED", `\u001b[2J\u202eevil\nline\u0007 ${"x".repeat(5000)}`);
  const { message } = registryError("fetch x", { status: 403, body: hostile });
  expect(message).toMatch(/^fetch x: \[2J evil line x+$/);
  expect(message.length).toBeLessThan(400);
});
