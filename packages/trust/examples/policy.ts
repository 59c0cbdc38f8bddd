import { generateKeyPairSync, sign } from "node:crypto";
import { digestOf, parseReference } from "@galley/spec";
import { checkPolicy, parsePolicy } from "@galley/trust";

// A key pair as `cosign generate-key-pair` makes one, and a policy that wants its signature on everything of quay.io/team.
const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const keyData = Buffer.from(publicKey.export({ type: "spki", format: "pem" })).toString("base64");
const signed = [{ type: "sigstoreSigned", keyData, signedIdentity: { type: "matchRepository" } }];
const file = { default: [{ type: "reject" }], transports: { docker: { "quay.io/team": signed } } };
const policy = parsePolicy("policy.json", JSON.stringify(file));

// What cosign says about an image; `sigstoreAttachments` reads such signatures from a registry.
const digest = digestOf("the bytes of a manifest");
const identity = { "docker-reference": "quay.io/team/app" };
const critical = { identity, image: { "docker-manifest-digest": digest }, type: "cosign container image signature" };
const payload = Buffer.from(JSON.stringify({ critical, optional: null }));
const signature = { payload, signature: sign("sha256", payload, privateKey).toString("base64") };

for (const name of ["quay.io/team/app:1", "quay.io/team/other:1", "docker.io/library/alpine:3"]) {
  const signatures = { sigstore: async () => [signature] };
  const image = { transport: "docker", reference: parseReference(name), digest, signatures };
  await checkPolicy(policy, image).then(
    () => console.log(`${name}: welcome`),
    (error: Error) => console.log(`${name}: ${error.message}`),
  );
}
