import { generateKeyPairSync } from "node:crypto";
import { digestOf, type GalleyError, galleyError, parseReference } from "@galley/spec";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkPolicy, type PolicyImage } from "./check-policy.ts";
import type { Policy, Requirement, SigstoreSigned } from "./policy.ts";
import type { SigstoreSignature } from "./sigstore-signature.ts";
import { digest, keyPair, logBundle, signStatement, statement } from "./testing/sign.ts";

const [ours, theirs, log] = [keyPair(), keyPair(), keyPair()];
const reference = parseReference("quay.io/team/app:1");
const name = "quay.io/team/app:1";
const good = signStatement(ours.privateKey, statement(name));

const policyOf = (...requirements: Requirement[]): Policy => ({ default: requirements, transports: new Map() });
const signed = (more: Partial<SigstoreSigned> = {}): SigstoreSigned => ({
  type: "sigstoreSigned",
  keys: [{ data: ours.pem }],
  rekorKeys: [],
  identity: { type: "matchRepoDigestOrExact" },
  ...more,
});

function imageWith(signatures: readonly SigstoreSignature[], more: Partial<PolicyImage> = {}): PolicyImage {
  return { transport: "docker", reference, digest, signatures: { sigstore: async () => signatures }, ...more };
}

const check = (
  requirements: Requirement[],
  signatures: readonly SigstoreSignature[] = [],
  more: Partial<PolicyImage> = {},
) => checkPolicy(policyOf(...requirements), imageWith(signatures, more));

const why = async (work: Promise<void>): Promise<string> => {
  const error = (await work.catch((cause: unknown) => cause)) as GalleyError;
  expect(error).toMatchObject({ kind: "forbidden", code: "trust.rejected" });
  expect(error.message).toMatch(/^Source image rejected: [^\n]*$/);
  return error.message.slice("Source image rejected: ".length);
};

describe("checkPolicy()", () => {
  test("checkPolicy() accepts anything where the policy does, without a look at signatures", async () => {
    const signatures = { sigstore: () => Promise.reject(new Error("was asked")) };
    await check([{ type: "insecureAcceptAnything" }], [], { signatures });
  });

  test("checkPolicy() rejects what the policy rejects, and what it asks for and is not supported", async () => {
    expect(await why(check([{ type: "reject" }]))).toBe(`Running image docker://${name} is rejected by policy`);
    expect(
      await why(check([{ type: "reject" }], [], { transport: "dir", path: "/a", reference: undefined as never })),
    ).toBe("Running image dir:/a is rejected by policy");
    expect(await why(check([{ type: "insecureAcceptAnything" }, { type: "reject" }], [good]))).toContain(
      "rejected by policy",
    );
    expect(await why(check([{ type: "unsupported", what: "miracles" }], [good]))).toBe(
      "the policy wants miracles, which is not supported",
    );
  });

  test("checkPolicy() accepts a signature by a key, of any kind that cosign makes", async () => {
    await check([signed()], [good]);
    const others = [generateKeyPairSync("ed25519"), generateKeyPairSync("rsa", { modulusLength: 2048 })];
    for (const { privateKey, publicKey } of others) {
      const data = Buffer.from(publicKey.export({ type: "spki", format: "pem" }));
      await check([signed({ keys: [{ data }] })], [signStatement(privateKey, statement(name))]);
    }
  });

  test("checkPolicy() accepts when one of several signatures, or one of several keys, is good", async () => {
    const bad = signStatement(theirs.privateKey, statement(name));
    await check([signed()], [bad, { ...good, signature: "" }, good]);
    await check([signed({ keys: [{ data: theirs.pem }, { data: ours.pem }] })], [good]);
  });

  test("checkPolicy() wants all requirements met", async () => {
    const both = [signed(), signed({ keys: [{ data: theirs.pem }] })];
    await check(both, [good, signStatement(theirs.privateKey, statement(name))]);
    await why(check(both, [good]));
  });

  test("checkPolicy() wants a signature", async () => {
    expect(await why(check([signed()]))).toBe("A signature was required, but no signature exists");
    expect(await why(check([signed()], [], { signatures: {} }))).toContain("no signature exists");
  });

  const changed = (change: (whole: Record<string, Record<string, unknown>>) => unknown): SigstoreSignature =>
    signStatement(ours.privateKey, change(statement(name)));
  const text = JSON.stringify(statement(name));
  test.each<[string, SigstoreSignature, string]>([
    [
      "by another key",
      signStatement(theirs.privateKey, statement(name)),
      "cryptographic signature verification failed",
    ],
    [
      "of another image",
      signStatement(ours.privateKey, statement(name, digestOf("other"))),
      "Signature for manifest digest sha256:",
    ],
    [
      "of another repository",
      signStatement(ours.privateKey, statement("quay.io/evil/app:1")),
      "Signature for identity quay.io/evil/app:1 is not accepted",
    ],
    ["of another tag", signStatement(ours.privateKey, statement("quay.io/team/app:2")), "is not accepted"],
    ["without a name", signStatement(ours.privateKey, statement("")), "is not accepted"],
    ["over other bytes", { ...good, payload: Buffer.from(`${text} `) }, "verification failed"],
    ["that is no base64", { ...good, signature: "%%%" }, "verification failed"],
    ["that is empty", { ...good, signature: "" }, "verification failed"],
    [
      "cut short",
      { ...good, signature: Buffer.from(good.signature, "base64").subarray(0, -1).toString("base64") },
      "verification failed",
    ],
    [
      "of another type",
      changed((whole) => ({ ...whole, critical: { ...whole["critical"], type: "atomic container signature" } })),
      "is not of type",
    ],
    [
      "with more that is critical",
      changed((whole) => ({ ...whole, critical: { ...whole["critical"], more: 1 } })),
      "unknown member",
    ],
    ["with less that is critical", changed(() => ({ critical: {} })), "has no member"],
    ["with members beside", changed((whole) => ({ ...whole, more: 1 })), "unknown member"],
    [
      "with a digest that is none",
      changed((whole) => ({
        ...whole,
        critical: { ...whole["critical"], image: { "docker-manifest-digest": "sha256:../.." } },
      })),
      "has no digest",
    ],
    [
      "that says things twice",
      signStatement(ours.privateKey, text.replace('"type"', '"type":"x","type"')),
      "is there twice",
    ],
    ["of no JSON", signStatement(ours.privateKey, "{"), ""],
    ["of a list", signStatement(ours.privateKey, []), "not as it should be"],
    ["of nothing", signStatement(ours.privateKey, ""), ""],
    ["that is huge", signStatement(ours.privateKey, " ".repeat(70_000) + text), "too large"],
  ])("checkPolicy() rejects a signature %s", async (_, signature, expected) => {
    expect(await why(check([signed()], [signature]))).toContain(expected);
  });

  test("checkPolicy() accepts a cosign signature, which has no tag, where the repository is enough", async () => {
    const untagged = signStatement(ours.privateKey, statement("quay.io/team/app"));
    await why(check([signed()], [untagged]));
    await check([signed({ identity: { type: "matchRepository" } })], [untagged]);
  });

  test("checkPolicy() looks at a bounded number of signatures and says each reason once", async () => {
    const bad = signStatement(theirs.privateKey, statement(name));
    const many = Array.from({ length: 10_000 }, () => bad);
    const reason = await why(check([signed()], [...many, good]));
    expect(reason).toBe(
      "None of the signatures were accepted, reasons: cryptographic signature verification failed: it was not made with an accepted key",
    );
  });

  test("checkPolicy() tells apart a bad signature and what cannot be found out", async () => {
    const away = galleyError("unavailable", "registry.unreachable", "away");
    await expect(check([signed()], [], { signatures: { sigstore: () => Promise.reject(away) } })).rejects.toBe(away);
    await expect(check([signed({ keys: [{ path: "/nowhere/key.pub" }] })], [good])).rejects.toMatchObject({
      kind: "invalid",
      code: "trust.bad-key",
    });
    for (const data of [
      "",
      "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
      "-----BEGIN PRIVATE KEY-----",
    ]) {
      await expect(check([signed({ keys: [{ data: Buffer.from(data) }] })], [good])).rejects.toMatchObject({
        code: "trust.bad-key",
      });
    }
  });

  test("checkPolicy() never accepts a signature with a changed byte", async () => {
    const bytes = Buffer.from(good.signature, "base64");
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const other = Buffer.from(bytes);
        other[at] = (other[at] ?? 0) ^ flip;
        await why(check([signed()], [{ ...good, signature: other.toString("base64") }]));
      }),
      { numRuns: 60 },
    );
  });
});

describe("checkPolicy() with a transparency log", () => {
  const logged = signed({ rekorKeys: [{ data: log.pem }] });
  const bundle = logBundle(log.privateKey, log.publicKey, good, ours.pem);
  const reparsed = (change: (bundle: Record<string, Record<string, unknown>>) => unknown) =>
    JSON.stringify(change(JSON.parse(bundle) as Record<string, Record<string, unknown>>));

  test("checkPolicy() accepts a signature that the log has recorded", async () => {
    await check([logged], [{ ...good, bundle }]);
    await check([signed({ rekorKeys: [{ data: theirs.pem }, { data: log.pem }] })], [{ ...good, bundle }]);
  });

  test.each<[string, string | undefined]>([
    ["nothing of the log", undefined],
    ["a promise by another log", logBundle(theirs.privateKey, theirs.publicKey, good, ours.pem)],
    ["a promise by another key in the log's name", logBundle(theirs.privateKey, log.publicKey, good, ours.pem)],
    ["a record of another key's signature", logBundle(log.privateKey, log.publicKey, good, theirs.pem)],
    [
      "a record of another signature",
      logBundle(log.privateKey, log.publicKey, signStatement(ours.privateKey, statement("a:1")), ours.pem),
    ],
    [
      "another time than promised",
      reparsed(({ Payload, ...rest }) => ({ ...rest, Payload: { ...Payload, integratedTime: 1 } })),
    ],
    ["no promise", reparsed(({ Payload }) => ({ Payload }))],
    ["a body that is none", reparsed(({ Payload, ...rest }) => ({ ...rest, Payload: { ...Payload, body: "e30=" } }))],
    ["an index that is none", reparsed(({ Payload, ...rest }) => ({ ...rest, Payload: { ...Payload, logIndex: -1 } }))],
    ["no JSON", "{"],
    ["a list", "[]"],
    ["too much", `${" ".repeat(600_000)}${bundle}`],
  ])("checkPolicy() rejects a signature with %s", async (_, other) => {
    await why(check([logged], [{ ...good, ...(other !== undefined && { bundle: other }) }]));
  });
});
