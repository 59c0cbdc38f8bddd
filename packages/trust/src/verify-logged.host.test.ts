import { execFileSync, spawnSync } from "node:child_process";
import { createPrivateKey } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseReference } from "@galley/spec";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkPolicy } from "./check-policy.ts";
import type { Policy } from "./policy.ts";
import type { SigstoreSignature } from "./sigstore-signature.ts";
import { digest, keyPair, logBundle, signStatement, statement } from "./testing/sign.ts";

const missing = spawnSync("openssl", ["version"]).error ? "openssl is not installed" : "";
const name = "quay.io/team/app:1";
const issuer = "https://issuer.example";

describe.skipIf(missing)(`checkPolicy() with certificates${missing && ` (skipped: ${missing})`}`, () => {
  let folder: string;
  const log = keyPair();
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "galley-fulcio-"));
    makeAuthority("root");
    makeAuthority("stranger");
    issue("middle", "root", "basicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign");
    const oid = `1.3.6.1.4.1.57264.1.1=DER:${Buffer.from(issuer).toString("hex")}`;
    const signing = `keyUsage=critical,digitalSignature\nextendedKeyUsage=codeSigning\n${oid}`;
    const email = "subjectAltName=critical,email:dev@example.com";
    issue("direct", "root", `${signing}\n${email}`);
    issue("leaf", "middle", `${signing}\n${email}`);
    issue("other-person", "root", `${signing}\nsubjectAltName=critical,email:evil@example.com`);
    issue("address-elsewhere", "root", `${signing}\nsubjectAltName=critical,DNS:dev.example.com`);
    issue("other-issuer", "root", `keyUsage=critical,digitalSignature\nextendedKeyUsage=codeSigning\n${email}`);
    issue("server", "root", `keyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n${oid}\n${email}`);
    issue("stranger-leaf", "stranger", `${signing}\n${email}`);
    issue("under-leaf", "direct", `${signing}\n${email}`);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const read = (file: string) => readFileSync(join(folder, file), "utf8");
  const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "ignore" });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

  function makeAuthority(file: string): void {
    openssl(
      "req",
      "-x509",
      ...newKey,
      "-subj",
      `/CN=${file}`,
      "-days",
      "2",
      "-keyout",
      `${file}.key`,
      "-out",
      `${file}.pem`,
    );
  }

  function issue(file: string, by: string, extensions: string): void {
    openssl("req", ...newKey, "-subj", `/CN=${file}`, "-keyout", `${file}.key`, "-out", `${file}.csr`);
    writeFileSync(join(folder, "ext"), extensions);
    const signer = ["-CA", `${by}.pem`, "-CAkey", `${by}.key`, "-CAcreateserial"];
    openssl("x509", "-req", "-in", `${file}.csr`, ...signer, "-days", "1", "-extfile", "ext", "-out", `${file}.pem`);
  }

  function signedWith(file: string, chain: readonly string[] = [], time?: number): SigstoreSignature {
    const made = signStatement(createPrivateKey(read(`${file}.key`)), statement(name));
    const certificate = read(`${file}.pem`);
    const bundle = logBundle(log.privateKey, log.publicKey, made, certificate, time);
    return {
      ...made,
      certificate,
      bundle,
      ...(chain.length > 0 && { chain: chain.map((each) => read(`${each}.pem`)).join("") }),
    };
  }

  const check = (signature: SigstoreSignature) => {
    const ca = { data: Buffer.from(read("root.pem")) };
    const policy: Policy = {
      default: [
        {
          type: "sigstoreSigned",
          keys: [],
          fulcio: { ca, oidcIssuer: issuer, subjectEmail: "dev@example.com" },
          rekorKeys: [{ data: log.pem }],
          identity: { type: "matchRepoDigestOrExact" },
        },
      ],
      transports: new Map(),
    };
    const signatures = { sigstore: async () => [signature] };
    return checkPolicy(policy, { transport: "docker", reference: parseReference(name), digest, signatures });
  };

  test("checkPolicy() accepts a person's certificate by the authority, or by one that it vouches for", async () => {
    await check(signedWith("direct"));
    await check(signedWith("direct", ["stranger"]));
    await check(signedWith("leaf", ["middle"]));
    await check(signedWith("leaf", ["stranger", "root", "middle"]));
  });

  const day = 86_400;
  test.each<[string, string, readonly string[], number, string]>([
    ["of another person", "other-person", [], 0, "required email"],
    ["without an address", "address-elsewhere", [], 0, "required email"],
    ["by way of another issuer", "other-issuer", [], 0, "issuer"],
    ["that is not for signing", "server", [], 0, "not for signing"],
    ["by an authority that is not trusted", "stranger-leaf", [], 0, "certificate chain"],
    ["by an authority that only the signature brings", "stranger-leaf", ["stranger"], 0, "certificate chain"],
    ["by an authority that the signature does not bring", "leaf", [], 0, "certificate chain"],
    ["by somebody who is no authority", "under-leaf", ["direct"], 0, "certificate chain"],
    ["that had expired when the log recorded it", "direct", [], 2 * day, "certificate chain"],
    ["that was not valid yet when the log recorded it", "direct", [], -day, "certificate chain"],
  ])("checkPolicy() rejects a certificate %s", async (_, file, chain, offset, why) => {
    await expect(check(signedWith(file, chain, Math.floor(Date.now() / 1000) + offset))).rejects.toMatchObject({
      code: "trust.rejected",
      message: expect.stringContaining(why),
    });
  });

  test("checkPolicy() rejects a signature without a certificate, without a record, or with another's", async () => {
    const { certificate: _, ...keyed } = signedWith("direct");
    await expect(check(keyed)).rejects.toThrow("missing certificate");
    const { bundle: __, ...unlogged } = signedWith("direct");
    await expect(check(unlogged)).rejects.toThrow("missing Rekor bundle");
    await expect(
      check({ ...signedWith("direct"), certificate: read("leaf.pem"), chain: read("middle.pem") }),
    ).rejects.toMatchObject({ code: "trust.rejected" });
    await expect(
      check({ ...signedWith("direct"), certificate: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----" }),
    ).rejects.toMatchObject({ code: "trust.rejected" });
  });
});
