import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { promisify } from "node:util";
import { createMemoryStore, type RegistryServer, serveRegistry } from "@galley/registry-server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openRepository, type RegistryOptions } from "./index.ts";
import { type Certificate, missingOpenssl, selfSigned } from "./testing/faults/certificates.ts";
import { pushImage } from "./testing/image.ts";

const missing = missingOpenssl ?? "";

describe.skipIf(missing)(`openRepository() over TLS${missing && ` (skipped: ${missing})`}`, () => {
  let server: RegistryServer;
  let plain: RegistryServer;
  let redirect = false;
  const own: Certificate = missing ? { key: "", cert: "" } : selfSigned(2);
  beforeAll(async () => {
    plain = await serveRegistry({ store: createMemoryStore() });
    server = await serveRegistry({
      store: createMemoryStore(),
      tls: own,
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

  test("openRepository() trusts authorities that it is given, and those of this machine", async () => {
    await using repository = open({ tlsVerify: true, tls: { ca: [own.cert] } });
    await pushImage(repository, Buffer.from("layer"));
    const folder = await mkdtemp(join(tmpdir(), "galley-tls-"));
    const file = join(folder, "authorities.pem");
    await writeFile(file, own.cert);
    const program = `
      import { openRepository } from ${JSON.stringify(new URL("./index.ts", import.meta.url).href)};
      await using repository = openRepository("${server.address}/app", { tlsVerify: true });
      console.log((await repository.resolve("v1")).size > 0);`;
    const node = ["--conditions=@galley/source", "--input-type=module", "--eval", program];
    const env = { ...process.env, SSL_CERT_FILE: file };
    const { stdout } = await promisify(execFile)(process.execPath, node, { env });
    expect(stdout.trim()).toBe("true");
    await rm(folder, { recursive: true });
  });

  test("openRepository() shows a client's certificate to the registry and to nobody else", async () => {
    const client = selfSigned(2);
    const seen: string[] = [];
    const serve = async (name: string, location?: () => string) => {
      const asking = { ...own, requestCert: true, rejectUnauthorized: false };
      const listener = createServer(asking, (request, response) => {
        const { subject } = (request.socket as TLSSocket).getPeerCertificate();
        if (request.url !== "/v2/") seen.push(`${name}: ${subject ? "certificate" : "nothing"}`);
        response.writeHead(location ? 307 : 404, location && { location: location() }).end();
      }).listen(0, "127.0.0.1");
      await once(listener, "listening");
      return { listener, address: `127.0.0.1:${(listener.address() as AddressInfo).port}` };
    };
    const other = await serve("other host");
    const registry = await serve("registry", () => `https://${other.address}/x`);
    const tls = { ca: [own.cert], cert: client.cert, key: client.key };
    await using repository = openRepository(`${registry.address}/app`, { tlsVerify: true, tls });
    await expect(repository.fetchManifest("v1")).rejects.toMatchObject({ kind: "not-found" });
    expect(seen).toEqual(["registry: certificate", "other host: nothing"]);
    for (const { listener } of [registry, other]) {
      listener.closeAllConnections();
      listener.close();
    }
  });
});
