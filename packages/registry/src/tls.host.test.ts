import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryStore, type RegistryServer, serveRegistry } from "@galley/registry-server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openRepository, type RegistryOptions } from "./index.ts";
import { pushImage } from "./testing/image.ts";

const missing = spawnSync("openssl", ["version"]).error ? "openssl is not installed" : "";

/** A key and a certificate that nobody has signed. */
function selfSigned(): { readonly key: string; readonly cert: string } {
  const folder = mkdtempSync(join(tmpdir(), "galley-tls-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  execFileSync("openssl", ["req", "-x509", ...curve, ...subject, "-keyout", key, "-out", cert], { stdio: "ignore" });
  const made = { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  rmSync(folder, { recursive: true });
  return made;
}

describe.skipIf(missing)(`openRepository() over TLS${missing && ` (skipped: ${missing})`}`, () => {
  let server: RegistryServer;
  let plain: RegistryServer;
  let redirect = false;
  beforeAll(async () => {
    plain = await serveRegistry({ store: createMemoryStore() });
    server = await serveRegistry({
      store: createMemoryStore(),
      tls: selfSigned(),
      intercept: (request, response) => {
        if (!redirect || !request.url?.includes("/manifests/")) return false;
        response.writeHead(307, { location: `${plain.url}${request.url}` }).end();
        return true;
      },
    });
  });
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    await plain?.[Symbol.asyncDispose]();
  });

  const open = (options: RegistryOptions) => openRepository(`${server.address}/app`, options);

  test("openRepository() takes any certificate of a loopback registry, or when it need not verify", async () => {
    await using repository = open({});
    const { manifest } = await pushImage(repository, Buffer.from("layer"));
    await using careless = open({ tlsVerify: false });
    expect(await careless.resolve("v1")).toEqual(manifest);
  });

  test("openRepository() refuses a certificate that nobody has signed when it must verify, at once", async () => {
    const start = performance.now();
    await using repository = open({ tlsVerify: true });
    await expect(repository.resolve("v1")).rejects.toMatchObject({
      kind: "unavailable",
      code: "registry.untrusted-certificate",
      message: expect.stringMatching(/^registry 127\.0\.0\.1:\d+ has a certificate that is not trusted: /),
    });
    expect(performance.now() - start).toBeLessThan(1000);
  });

  test("openRepository() does not follow a redirect from HTTPS to plain HTTP", async () => {
    redirect = true;
    await using repository = open({ tlsVerify: false });
    await expect(repository.resolve("v1")).rejects.toMatchObject({ code: "registry.bad-redirect" });
    redirect = false;
  });

  test("openRepository() says so when a registry that must be plain speaks TLS", async () => {
    await using repository = open({ plainHttp: "always", retry: { attempts: 1 } });
    await expect(repository.resolve("v1")).rejects.toMatchObject({ kind: "unavailable" });
  });
});
