import { execFile, execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { openRepository } from "@galley/registry";
import { createMemoryStore, type RegistryServer, serveRegistry } from "@galley/registry-server";
import { type Descriptor, digestOf, mediaTypes, parseReference } from "@galley/spec";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkPolicy } from "./check-policy.ts";
import { lookasideSignatures } from "./lookaside-signatures.ts";
import { readPolicy } from "./read-policy.ts";
import { statement } from "./testing/sign.ts";

const missing = ["skopeo", "gpg", "gpgv"].filter((program) => spawnSync(program, ["--version"]).error).join(" and ");

/**
 * The same policies and signatures judged by skopeo, whose word counts, and by us. Only with GPG: Debian builds skopeo without sigstore;
 * what a name may be and how lists are judged is the same code for both.
 */
describe.skipIf(missing)(`checkPolicy() against skopeo${missing && ` (skipped: no ${missing})`}`, () => {
  let folder: string;
  let server: RegistryServer;
  let manifest: Descriptor;
  const gpg = (args: readonly string[], input = ""): Buffer => {
    const home = ["--homedir", join(folder, "gpg"), "--batch", "--quiet", "--no-tty", "--pinentry-mode", "loopback"];
    return execFileSync("gpg", [...home, "--passphrase", "", ...args], { input, stdio: ["pipe", "pipe", "ignore"] });
  };
  const push = async (
    repository: ReturnType<typeof openRepository>,
    text: string | Uint8Array,
    mediaType: string,
  ): Promise<Descriptor> => {
    const bytes = Buffer.from(text);
    const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
    await repository.push(descriptor, new Blob([bytes]).stream());
    return descriptor;
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "galley-skopeo-"));
    mkdirSync(join(folder, "gpg"), { mode: 0o700 });
    mkdirSync(join(folder, "registries.d"));
    gpg(["--quick-generate-key", "ours", "rsa2048", "sign", "never"]);
    gpg(["--quick-generate-key", "theirs", "rsa2048", "sign", "never"]);
    writeFileSync(join(folder, "ours.gpg"), gpg(["--export", "ours"]));
    const lookaside = pathToFileURL(join(folder, "lookaside")).href;
    writeFileSync(join(folder, "registries.d/a.yaml"), `default-docker:\n  lookaside: ${lookaside}\n`);
    server = await serveRegistry({ store: createMemoryStore() });
    await using repository = openRepository(`${server.address}/team/app`);
    const config = await push(
      repository,
      '{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":[]}}',
      mediaTypes.imageConfig,
    );
    const document = { schemaVersion: 2, mediaType: mediaTypes.imageManifest, config, layers: [] };
    manifest = await push(repository, JSON.stringify(document), mediaTypes.imageManifest);
    await repository.tag("1", manifest);
  });
  afterAll(async () => {
    spawnSync("gpgconf", ["--homedir", join(folder, "gpg"), "--kill", "all"]);
    await server?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  function keep(signatures: readonly Buffer[]): void {
    rmSync(join(folder, "lookaside"), { recursive: true, force: true });
    const place = join(folder, `lookaside/team/app@${manifest.digest.replace(":", "=")}`);
    mkdirSync(place, { recursive: true });
    for (const [index, bytes] of signatures.entries()) writeFileSync(join(place, `signature-${index + 1}`), bytes);
  }

  async function judge(requirements: readonly object[], version: string) {
    const policy = join(folder, "policy.json");
    writeFileSync(
      policy,
      JSON.stringify({
        default: [{ type: "reject" }],
        transports: { docker: { [`${server.address}/team`]: requirements } },
      }),
    );
    const name = `${server.address}/team/app${version}`;
    const to = mkdtempSync(join(folder, "copy-"));
    const bySkopeo = await new Promise<string>((resolve) => {
      const args = [
        "--policy",
        policy,
        "--registries.d",
        join(folder, "registries.d"),
        "copy",
        "--remove-signatures",
        "--src-tls-verify=false",
        `docker://${name}`,
        `dir:${to}`,
      ];
      execFile("skopeo", args, (error, _, stderr) => resolve(error ? stderr : ""));
    });
    const reference = parseReference(name);
    const lookaside = pathToFileURL(join(folder, "lookaside"));
    const byUs = await checkPolicy(await readPolicy({ environment: {}, path: policy }), {
      transport: "docker",
      reference,
      digest: manifest.digest,
      signatures: {
        simple: () => lookasideSignatures(lookaside, reference, manifest.digest),
      },
    }).then(
      () => "",
      (error: Error) => error.message,
    );
    return { bySkopeo, byUs };
  }

  const signedBy = (identity?: object) => ({
    type: "signedBy",
    keyType: "GPGKeys",
    keyPath: join(folder, "ours.gpg"),
    ...(identity && { signedIdentity: identity }),
  });
  const sign = (who: string, claim: string, digest = manifest.digest): Buffer => {
    const text = JSON.stringify(statement(claim, digest, "atomic container signature"));
    return gpg(["--local-user", who, "--output", "-", "--sign"], text);
  };
  const claims = (): string[] => [
    `${server.address}/team/app:1`,
    `${server.address}/team/app:2`,
    `${server.address}/team/app`,
    `${server.address}/team/app@${manifest.digest}`,
    "quay.io/vendor/app:1",
  ];
  const identities = (): (object | undefined)[] => [
    undefined,
    { type: "matchExact" },
    { type: "matchRepository" },
    { type: "exactReference", dockerReference: `${server.address}/team/app:2` },
    { type: "exactRepository", dockerRepository: "quay.io/vendor/app" },
    { type: "remapIdentity", prefix: `${server.address}/team`, signedPrefix: "quay.io/vendor" },
  ];

  test("checkPolicy() agrees with skopeo on the names in signatures", async () => {
    let accepted = 0;
    for (const claim of claims()) {
      keep([sign("ours", claim)]);
      for (const identity of identities()) {
        for (const version of [":1", `@${manifest.digest}`]) {
          const { bySkopeo, byUs } = await judge([signedBy(identity)], version);
          expect([claim, identity, version, byUs === "", byUs]).toEqual([
            claim,
            identity,
            version,
            bySkopeo === "",
            byUs,
          ]);
          // In skopeo's own words, which come in quotation marks.
          expect(bySkopeo.replaceAll('\\"', '"')).toContain(byUs);
          accepted += byUs === "" ? 1 : 0;
        }
      }
    }
    expect(accepted).toBeGreaterThan(10);
  }, 120_000);

  test("checkPolicy() agrees with skopeo on signatures", async () => {
    const [claim = ""] = claims();
    const sets: [readonly Buffer[], boolean][] = [
      [[sign("ours", claim)], true],
      [[sign("theirs", claim)], false],
      [[sign("theirs", claim), sign("ours", claim)], true],
      [[sign("ours", "quay.io/other/app:1")], false],
      [[sign("ours", claim, digestOf("other"))], false],
      [[Buffer.from("garbage")], false],
      [[], false],
    ];
    for (const [signatures, expected] of sets) {
      keep(signatures);
      const { bySkopeo, byUs } = await judge([signedBy()], ":1");
      expect([bySkopeo === "", byUs === "", byUs]).toEqual([expected, expected, byUs]);
    }
  }, 60_000);

  test("checkPolicy() agrees with skopeo on lists of requirements", async () => {
    keep([sign("ours", claims()[0] ?? "")]);
    const accept = { type: "insecureAcceptAnything" };
    const sets: [readonly object[], boolean][] = [
      [[accept], true],
      [[{ type: "reject" }], false],
      [[accept, signedBy()], true],
      [[accept, signedBy({ type: "exactRepository", dockerRepository: "quay.io/vendor/app" })], false],
      [[signedBy(), signedBy({ type: "matchRepository" })], true],
      [[signedBy(), { type: "reject" }], false],
    ];
    for (const [requirements, expected] of sets) {
      const { bySkopeo, byUs } = await judge(requirements, ":1");
      expect([requirements, bySkopeo === "", byUs === ""]).toEqual([requirements, expected, expected]);
      expect(bySkopeo.replaceAll('\\"', '"')).toContain(byUs);
    }
  }, 60_000);
});
