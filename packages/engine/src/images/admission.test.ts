import { generateKeyPairSync, sign } from "node:crypto";
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryStore, serveRegistry } from "@galley/registry-server";
import { type Descriptor, type Digest, digestOf, mediaTypes, parseReference } from "@galley/spec";
import { expect, onTestFinished, test } from "vitest";
import { admission, archiveAdmission, registrySignatures } from "./admission.ts";
import { openRemote } from "./registry-access.ts";

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const descriptor = (name: string): Descriptor => ({
  mediaType: mediaTypes.imageManifest,
  digest: digestOf(name),
  size: 1,
});
const [manifest, index] = [descriptor("manifest"), descriptor("index")];
const reference = parseReference("quay.io/team/app:1");

async function policyFile(requirement: object): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "galley-admission-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "policy.json"), JSON.stringify({ default: [requirement] }));
  return join(folder, "policy.json");
}

const wanted = {
  type: "sigstoreSigned",
  keyData: Buffer.from(publicKey.export({ type: "spki", format: "pem" })).toString("base64"),
  signedIdentity: { type: "matchRepository" },
};

/** A repository in which only those manifests are signed. */
function admit(path: string, ...signed: readonly Digest[]) {
  const signaturesOf = (digest: Digest) => ({
    async sigstore() {
      if (!signed.includes(digest)) return [];
      const critical = {
        identity: { "docker-reference": "quay.io/team/app" },
        image: { "docker-manifest-digest": digest },
        type: "cosign container image signature",
      };
      const payload = Buffer.from(JSON.stringify({ critical, optional: null }));
      return [{ payload, signature: sign("sha256", payload, privateKey).toString("base64") }];
    },
  });
  return admission({ transport: "docker", reference, signaturesOf, signaturePolicyPath: path });
}

test("admission() lets in what is signed, or what a signed index names", async () => {
  const path = await policyFile(wanted);
  await admit(path, manifest.digest)(manifest, manifest);
  await admit(path, manifest.digest)(manifest, index);
  await admit(path, index.digest)(manifest, index);
});

test("admission() keeps out what is not, and says so once", async () => {
  const path = await policyFile(wanted);
  for (const root of [manifest, index]) {
    await expect(admit(path, digestOf("other"))(manifest, root)).rejects.toMatchObject({
      kind: "forbidden",
      code: "trust.rejected",
      message: "Source image rejected: A signature was required, but no signature exists",
    });
  }
});

test("admission() keeps everything out where the policy rejects or cannot be read", async () => {
  await expect(admit(await policyFile({ type: "reject" }), manifest.digest)(manifest, index)).rejects.toThrow(
    "Running image docker://quay.io/team/app:1 is rejected by policy",
  );
  await expect(admit(await policyFile({ type: "maybe" }), manifest.digest)(manifest, index)).rejects.toMatchObject({
    kind: "invalid",
  });
  await expect(admit("/nowhere/policy.json", manifest.digest)(manifest, index)).rejects.toThrow(
    "read policy /nowhere/policy.json",
  );
});

test("admission() of a file looks at its transport", async () => {
  const signaturePolicyPath = await policyFile({ type: "reject" });
  await expect(admission({ transport: "docker-archive", signaturePolicyPath })(manifest, manifest)).rejects.toThrow(
    "Running image docker-archive: is rejected by policy",
  );
});

test("archiveAdmission() judges by the transport and, through links, by where the archive lies", async () => {
  const folder = await mkdtemp(join(tmpdir(), "galley-admission-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, "bad/image"), { recursive: true });
  await symlink(join(folder, "bad/image"), join(folder, "link"));
  const [accept, reject] = [[{ type: "insecureAcceptAnything" }], [{ type: "reject" }]];
  const scopes = { "": accept, [join(await realpath(folder), "bad")]: reject };
  const path = join(folder, "policy.json");
  await writeFile(
    path,
    JSON.stringify({ default: reject, transports: { oci: scopes, dir: scopes, "docker-archive": scopes } }),
  );
  const judge = async (...args: [format: Parameters<typeof archiveAdmission>[0], from: string]) =>
    (await archiveAdmission(...args, path))(manifest, manifest);
  await judge("oci-dir", folder);
  await judge("docker-dir", folder);
  for (const format of ["oci-dir", "docker-dir"] as const) {
    for (const from of ["link", "bad/image"]) {
      await expect(judge(format, join(folder, from))).rejects.toMatchObject({ code: "trust.rejected" });
    }
  }
  // No place of its own, so only the default counts.
  await judge("docker-archive", join(folder, "bad/image"));
  await expect(judge("oci-archive", folder)).rejects.toThrow("rejected by policy");
});

test("registrySignatures() finds what cosign has attached to an image of a registry", async () => {
  await using server = await serveRegistry({ store: createMemoryStore() });
  const name = parseReference(`${server.address}/team/app:1`);
  await using repository = await openRemote(name);
  const push = async (text: string, mediaType: string): Promise<Descriptor> => {
    const pushed = { mediaType, digest: digestOf(text), size: text.length };
    await repository.push(pushed, new Blob([text]).stream());
    return pushed;
  };
  const emptyConfig = await push("{}", mediaTypes.imageConfig);
  const pushManifest = (layers: readonly object[]) =>
    push(
      JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.imageManifest, config: emptyConfig, layers }),
      mediaTypes.imageManifest,
    );
  const image = await pushManifest([]);
  const signaturePolicyPath = await policyFile(wanted);
  const signaturesOf = registrySignatures(repository, name);
  const judge = () =>
    admission({ transport: "docker", reference: name, signaturesOf, signaturePolicyPath })(image, image);
  await expect(judge()).rejects.toThrow("no signature exists");

  const critical = {
    identity: { "docker-reference": `${server.address}/team/app` },
    image: { "docker-manifest-digest": image.digest },
    type: "cosign container image signature",
  };
  const text = JSON.stringify({ critical, optional: null });
  const payload = await push(text, "application/vnd.dev.cosign.simplesigning.v1+json");
  const signature = sign("sha256", Buffer.from(text), privateKey).toString("base64");
  const annotations = { "dev.cosignproject.cosign/signature": signature };
  const attached = await pushManifest([{ ...payload, annotations }]);
  await repository.tag(`${image.digest.replace(":", "-")}.sig`, attached);
  await judge();
});
