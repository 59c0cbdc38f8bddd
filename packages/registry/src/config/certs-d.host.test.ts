import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryStore, createRegistryHandler } from "@galley/registry-server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openRepository } from "../repository.ts";
import { quick } from "../testing/faulty-registry.ts";
import { pushImage } from "../testing/image.ts";
import { certificatesFor } from "./certs-d.ts";

const missing = spawnSync("openssl", ["version"]).error ? "openssl is not installed" : "";

describe.skipIf(missing)(`certificatesFor()${missing && ` (skipped: ${missing})`}`, () => {
  let folder: string;
  let server: Server;
  let address: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "galley-certs-"));
    makeCertificates(folder);
    const handler = createRegistryHandler({ store: createMemoryStore() });
    const read = (name: string) => readFileSync(join(folder, name), "utf8");
    const tls = { key: read("server.key"), cert: read("server.pem"), ca: read("ca.pem") };
    server = createServer({ ...tls, requestCert: true, rejectUnauthorized: true }, (request, response) => {
      void handler.handle(request, response);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server?.closeAllConnections();
    server?.close();
    rmSync(folder, { recursive: true });
  });

  /** A certs.d folder for the server, with some of the files. */
  async function options(name: string, files: Record<string, string>) {
    const directory = join(folder, name, "certs.d", address);
    mkdirSync(directory, { recursive: true });
    for (const [to, from] of Object.entries(files))
      writeFileSync(join(directory, to), readFileSync(join(folder, from)));
    const tls = await certificatesFor(address, { environment: {}, systemDirectories: [join(folder, name)] });
    const { plainHttp: _, ...rest } = quick;
    return { ...rest, tlsVerify: true, ...(tls && { tls }) };
  }

  test("certificatesFor() lets a client through to a registry with an authority of its own that wants a certificate", async () => {
    const all = await options("all", { "ca.crt": "ca.pem", "me.cert": "client.pem", "me.key": "client.key" });
    await using repository = openRepository(`${address}/app`, all);
    const { manifest } = await pushImage(repository, Buffer.from("layer"));
    expect(await repository.resolve("v1")).toEqual(manifest);
  });

  test("certificatesFor() without the authority, the registry is not trusted", async () => {
    await using repository = openRepository(
      `${address}/app`,
      await options("client", { "me.cert": "client.pem", "me.key": "client.key" }),
    );
    await expect(repository.resolve("v1")).rejects.toMatchObject({ code: "registry.untrusted-certificate" });
  });

  test("certificatesFor() without the client's certificate, the error says what is missing", async () => {
    await using repository = openRepository(`${address}/app`, await options("ca", { "ca.crt": "ca.pem" }));
    await expect(repository.resolve("v1")).rejects.toMatchObject({
      kind: "unavailable",
      code: "registry.client-certificate",
      message: expect.stringContaining("client certificate"),
    });
  });
});

/** An authority, and a server's and a client's certificate by it. */
function makeCertificates(folder: string): void {
  const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "ignore" });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl("req", "-x509", ...key, "-subj", "/CN=test authority", "-days", "2", "-keyout", "ca.key", "-out", "ca.pem");
  for (const name of ["server", "client"]) {
    openssl("req", ...key, "-subj", `/CN=${name}`, "-keyout", `${name}.key`, "-out", `${name}.csr`);
    writeFileSync(join(folder, "ext"), "subjectAltName=IP:127.0.0.1");
    const by = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "ext"];
    openssl("x509", "-req", "-in", `${name}.csr`, ...by, "-out", `${name}.pem`);
  }
}
