import { expect, test } from "vitest";
import { parsePolicy } from "./parse-policy.ts";

const parse = (document: unknown) =>
  parsePolicy("/p.json", typeof document === "string" ? document : JSON.stringify(document));
const accept = { type: "insecureAcceptAnything" };
const one = (requirement: unknown) => parse({ default: [requirement] }).default[0];
const data = Buffer.from("key").toString("base64");

test("parsePolicy() reads requirements by transport and scope", () => {
  const policy = parse({
    default: [{ type: "reject" }],
    transports: { docker: { "": [accept], "quay.io/app": [accept, { type: "reject" }] }, dir: { "/srv": [accept] } },
  });
  expect(policy).toEqual({
    path: "/p.json",
    default: [{ type: "reject" }],
    transports: new Map([
      [
        "docker",
        new Map([
          ["", [accept]],
          ["quay.io/app", [accept, { type: "reject" }]],
        ]),
      ],
      ["dir", new Map([["/srv", [accept]]])],
    ]),
  });
});

test.each([
  [
    { type: "signedBy", keyType: "GPGKeys", keyPath: "/k" },
    { type: "signedBy", keys: [{ path: "/k" }], identity: { type: "matchRepoDigestOrExact" } },
  ],
  [
    { type: "signedBy", keyType: "GPGKeys", keyPaths: ["/k", "/l"], signedIdentity: { type: "matchExact" } },
    { type: "signedBy", keys: [{ path: "/k" }, { path: "/l" }], identity: { type: "matchExact" } },
  ],
  [
    {
      type: "signedBy",
      keyType: "GPGKeys",
      keyData: data,
      signedIdentity: { type: "exactRepository", dockerRepository: "busybox" },
    },
    {
      type: "signedBy",
      keys: [{ data: Buffer.from("key") }],
      identity: { type: "exactRepository", dockerRepository: "busybox" },
    },
  ],
  [
    {
      type: "sigstoreSigned",
      keyPath: "/k",
      signedIdentity: { type: "remapIdentity", prefix: "m.example:5000/x", signedPrefix: "v.example" },
    },
    {
      type: "sigstoreSigned",
      keys: [{ path: "/k" }],
      rekorKeys: [],
      identity: { type: "remapIdentity", prefix: "m.example:5000/x", signedPrefix: "v.example" },
    },
  ],
  [
    {
      type: "sigstoreSigned",
      fulcio: { caPath: "/ca", oidcIssuer: "https://i", subjectEmail: "a@b" },
      rekorPublicKeyPath: "/r",
      signedIdentity: { type: "exactReference", dockerReference: "a.example/b:1" },
    },
    {
      type: "sigstoreSigned",
      keys: [],
      fulcio: { ca: { path: "/ca" }, oidcIssuer: "https://i", subjectEmail: "a@b" },
      rekorKeys: [{ path: "/r" }],
      identity: { type: "exactReference", dockerReference: "a.example/b:1" },
    },
  ],
  [
    { type: "sigstoreSigned", keyDatas: [data], rekorPublicKeyData: data },
    {
      type: "sigstoreSigned",
      keys: [{ data: Buffer.from("key") }],
      rekorKeys: [{ data: Buffer.from("key") }],
      identity: { type: "matchRepoDigestOrExact" },
    },
  ],
  [
    { type: "sigstoreSigned", pki: {} },
    { type: "unsupported", what: "sigstoreSigned with pki" },
  ],
  [
    { type: "signedBaseLayer", baseLayerIdentity: {} },
    { type: "unsupported", what: "signedBaseLayer" },
  ],
  [
    { type: "signedBy", keyType: "X509Certificates", keyPath: "/k" },
    { type: "unsupported", what: "signedBy with keyType X509Certificates" },
  ],
])("parsePolicy() reads %j", (given, expected) => {
  expect(one(given)).toEqual(expected);
});

const gpg = { type: "signedBy", keyType: "GPGKeys", keyPath: "/k" };
const sig = { type: "sigstoreSigned", keyPath: "/k" };

test.each([
  ["", ""],
  ["{", ""],
  ["[]", "the policy must be an object"],
  [{}, "needs default requirements"],
  [{ default: [] }, "default must be a list with a requirement"],
  [{ default: {} }, "default must be a list"],
  [{ default: [accept], other: 1 }, 'the policy has an unknown member "other"'],
  [
    '{"default":[{"type":"insecureAcceptAnything"}],"default":[{"type":"reject"}]}',
    'the name "default" is there twice',
  ],
  ['{"default":[{"type":"reject","type":"insecureAcceptAnything"}]}', 'the name "type" is there twice'],
  ['{"default":[{"type":"reject","\\u0074ype":"insecureAcceptAnything"}]}', 'the name "type" is there twice'],
  [{ default: [accept], transports: [] }, "transports must be an object"],
  [{ default: [accept], transports: { docker: [] } }, "transports.docker must be an object"],
  [{ default: [accept], transports: { docker: { x: [] } } }, 'transports.docker."x" must be a list with a requirement'],
  [{ default: [accept], transports: { dir: { "/": [accept] } } }, 'transports.dir."/" must be written as ""'],
  [{ default: [accept], transports: { oci: { here: [accept] } } }, "must be an absolute path"],
  [{ default: [{}] }, "default[0] needs type"],
  [{ default: [{ type: "maybe" }] }, 'default[0] has an unknown type "maybe"'],
  [{ default: [{ ...accept, keyPath: "/k" }] }, 'has an unknown member "keyPath"'],
  [{ default: [{ ...gpg, keyType: "other" }] }, "has an unknown keyType"],
  [{ default: [{ ...gpg, keyData: data }] }, "may have only one of"],
  [{ default: [{ type: "signedBy", keyType: "GPGKeys" }] }, "needs exactly one of keyPath, keyPaths and keyData"],
  [{ default: [{ type: "signedBy", keyType: "GPGKeys", keyData: "#" }] }, "has a keyData that is not base64"],
  [{ default: [{ type: "signedBy", keyType: "GPGKeys", keyPaths: [] }] }, "keyPaths must be a list of texts"],
  [{ default: [{ ...gpg, signedIdentity: { type: "matchSome" } }] }, "signedIdentity has an unknown type"],
  [{ default: [{ ...gpg, signedIdentity: { type: "matchExact", x: 1 } }] }, "unknown member"],
  [
    { default: [{ ...gpg, signedIdentity: { type: "exactReference", dockerReference: "a.example/b" } }] },
    "without tag and digest",
  ],
  [{ default: [{ ...gpg, signedIdentity: { type: "exactRepository", dockerRepository: "A B" } }] }, "is no image name"],
  [
    {
      default: [
        { ...gpg, signedIdentity: { type: "remapIdentity", prefix: "a.example/b:1", signedPrefix: "c.example" } },
      ],
    },
    "has a prefix that is neither",
  ],
  [
    { default: [{ ...gpg, signedIdentity: { type: "remapIdentity", prefix: "b.example", signedPrefix: "x/y" } }] },
    "has a signedPrefix that is neither",
  ],
  [
    { default: [{ type: "sigstoreSigned" }] },
    "needs exactly one of keyPath, keyPaths, keyData, keyDatas, fulcio and pki",
  ],
  [{ default: [{ ...sig, fulcio: { caPath: "/c", oidcIssuer: "i", subjectEmail: "e" } }] }, "needs exactly one of"],
  [
    { default: [{ type: "sigstoreSigned", fulcio: { oidcIssuer: "i", subjectEmail: "e" } }] },
    "fulcio needs exactly one of caPath and caData",
  ],
  [{ default: [{ type: "sigstoreSigned", fulcio: { caPath: "/c", subjectEmail: "e" } }] }, "fulcio needs oidcIssuer"],
  [
    { default: [{ type: "sigstoreSigned", fulcio: { caPath: "/c", oidcIssuer: "i", subjectEmail: "e" } }] },
    "needs a rekorPublicKeyPath",
  ],
  [{ default: [{ ...sig, key: "x" }] }, 'unknown member "key"'],
  [" ".repeat(1024 * 1024 + 1), "it is too large"],
])("parsePolicy() refuses %j", (document, why) => {
  const error = (() => {
    try {
      return parse(document);
    } catch (cause) {
      return cause as Error;
    }
  })();
  expect(error).toMatchObject({ kind: "invalid", code: "trust.bad-policy" });
  expect((error as Error).message).toMatch(/^invalid policy in "\/p\.json": /);
  expect((error as Error).message).toContain(why);
});

test("parsePolicy() does not let a file reach the prototype of objects", () => {
  const policy = parse(
    '{"default":[{"type":"reject"}],"transports":{"__proto__":{"":[{"type":"insecureAcceptAnything"}]}}}',
  );
  expect(policy.transports.get("docker")).toBeUndefined();
  expect(policy.transports.get("__proto__")?.get("")).toBeDefined();
});
