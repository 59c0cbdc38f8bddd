import { type Descriptor, digestOf, galleyError } from "@galley/spec";
import { expect, test } from "vitest";
import { type SignatureRepository, sigstoreAttachments } from "./sigstore-attachments.ts";
import { digest } from "./testing/sign.ts";

const tag = `${digest.replace(":", "-")}.sig`;
const mediaType = "application/vnd.dev.cosign.simplesigning.v1+json";
const absent = () => galleyError("not-found", "registry.manifest-unknown", "not there");

/** A repository with one signature manifest, and blobs by digest. */
function repositoryWith(
  manifest: unknown,
  blobs: Record<string, string> = {},
): SignatureRepository & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    async fetchManifest(reference) {
      asked.push(reference);
      if (reference !== tag || manifest === undefined) throw absent();
      return { bytes: Buffer.from(typeof manifest === "string" ? manifest : JSON.stringify(manifest)) };
    },
    async fetch(descriptor) {
      asked.push(descriptor.digest);
      const blob = blobs[descriptor.digest];
      if (blob === undefined) throw absent();
      return (async function* () {
        yield Buffer.from(blob);
      })();
    },
  };
}

const layer = (text: string, more: object = {}): Descriptor => ({
  mediaType,
  digest: digestOf(text),
  size: text.length,
  ...more,
});

test("sigstoreAttachments() finds none where there is no such tag", async () => {
  const repository = repositoryWith(undefined);
  expect(await sigstoreAttachments(repository, digest)).toEqual([]);
  expect(repository.asked).toEqual([tag]);
});

test("sigstoreAttachments() hands on what goes wrong", async () => {
  const broken = {
    ...repositoryWith(undefined),
    fetchManifest: () => Promise.reject(galleyError("unavailable", "x", "away")),
  };
  await expect(sigstoreAttachments(broken, digest)).rejects.toMatchObject({ kind: "unavailable" });
});

test("sigstoreAttachments() reads layers and their annotations", async () => {
  const annotations = {
    "dev.cosignproject.cosign/signature": "c2ln",
    "dev.sigstore.cosign/certificate": "cert",
    "dev.sigstore.cosign/chain": "chain",
    "dev.sigstore.cosign/bundle": "{}",
    other: "x",
  };
  const repository = repositoryWith(
    { layers: [layer("one", { annotations }), layer("two")] },
    { [digestOf("one")]: "one", [digestOf("two")]: "two" },
  );
  expect(await sigstoreAttachments(repository, digest)).toEqual([
    { payload: Buffer.from("one"), signature: "c2ln", certificate: "cert", chain: "chain", bundle: "{}" },
    { payload: Buffer.from("two"), signature: "" },
  ]);
});

test("sigstoreAttachments() asks for nothing that is no signature, is too large, or has a bad digest", async () => {
  const layers = [
    layer("a", { mediaType: "text/plain" }),
    layer("b", { size: 1024 ** 3 }),
    layer("c", { size: -1 }),
    layer("d", { size: "1" }),
    layer("e", { digest: "sha256:../../x" }),
    layer("f", { digest: undefined }),
    null,
    [],
  ];
  const repository = repositoryWith({ layers });
  expect(await sigstoreAttachments(repository, digest)).toEqual([]);
  expect(repository.asked).toEqual([tag]);
});

test("sigstoreAttachments() takes at most a hundred or so, and no wrong bytes", async () => {
  const layers = Array.from({ length: 10_000 }, () => layer("one"));
  const repository = repositoryWith({ layers }, { [digestOf("one")]: "eno" });
  const found = await sigstoreAttachments(repository, digest);
  expect(found).toHaveLength(128);
  expect(found.every(({ payload }) => payload.byteLength === 0)).toBe(true);
  const longer = repositoryWith({ layers: [layer("one")] }, { [digestOf("one")]: "one and more" });
  expect((await sigstoreAttachments(longer, digest))[0]?.payload).toHaveLength(0);
  expect((await sigstoreAttachments(repositoryWith({ layers: [layer("gone")] }), digest))[0]?.payload).toHaveLength(0);
});

test.each(["", "{", "[]", "null", '{"layers":{}}', '{"layers":1}'])(
  "sigstoreAttachments() finds nothing in %j",
  async (text) => {
    expect(await sigstoreAttachments(repositoryWith(text), digest)).toEqual([]);
  },
);

test("sigstoreAttachments() reads referrers of cosign's type after the tag, a bounded number", async () => {
  const asked: unknown[] = [];
  const base = repositoryWith(
    { layers: [layer("tagged")] },
    { [digestOf("tagged")]: "tagged", [digestOf("referred")]: "referred" },
  );
  const repository: SignatureRepository = {
    ...base,
    async fetchManifest(reference, options) {
      if (!reference.startsWith("sha256:")) return base.fetchManifest(reference, options);
      asked.push(reference);
      return { bytes: Buffer.from(JSON.stringify({ layers: [layer("referred")] })) };
    },
    async *referrers(subject, options) {
      asked.push([subject, options?.artifactType]);
      for (;;) yield { digest: digestOf("referrer") };
    },
  };
  const found = await sigstoreAttachments(repository, digest);
  expect(found.map(({ payload }) => String(payload)).slice(0, 2)).toEqual(["tagged", "referred"]);
  expect(found).toHaveLength(17);
  expect(asked[0]).toEqual([digest, "application/vnd.dev.cosign.artifact.sig.v1+json"]);
  async function* none(): AsyncGenerator<never> {
    yield await Promise.reject(absent());
  }
  expect(await sigstoreAttachments({ ...base, referrers: none }, digest)).toHaveLength(1);
});
