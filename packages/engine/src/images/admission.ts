import { realpath } from "node:fs/promises";
import type { ArchiveFormat } from "@galley/image";
import type { Repository } from "@galley/registry";
import { type Descriptor, type Digest, isGalleyError, type Reference } from "@galley/spec";
import type { ImagePlace, SignatureSource } from "@galley/trust";

/** Throws when an image may not come. Gets its manifest, and what led to it: an index, or the manifest itself. */
export type Admit = (manifest: Descriptor, root: Descriptor) => Promise<void>;

/** An image that wants to come. */
export interface Arriving extends ImagePlace {
  /** Where the signatures of a manifest are; images in files have none. */
  readonly signaturesOf?: (digest: Digest) => SignatureSource;
  /** Read instead of the usual policy.json. */
  readonly signaturePolicyPath?: string | undefined;
}

/**
 * Judges an image by policy.json (containers-policy.json(5)); to be asked before anything of it can be seen. Where a signature is wanted,
 * one of the manifest will do, and so will one of the index that led to it: the index names the manifest by its digest.
 *
 * @example
 * await storeImage(engine, source, { references, admit: admission({ transport: "docker-archive" }) });
 */
export function admission({ signaturesOf, signaturePolicyPath: path, ...place }: Arriving): Admit {
  // While the registry is asked, or the file is read.
  const loading = loadPolicy(path);
  loading.catch(() => undefined);
  return async (manifest, root) => {
    const { checkPolicy, policy } = await loading;
    const check = ({ digest }: Descriptor): Promise<void> => {
      const signatures = signaturesOf?.(digest);
      return checkPolicy(policy, { ...place, digest, ...(signatures ? { signatures } : {}) });
    };
    try {
      await check(manifest);
    } catch (error) {
      if (root.digest === manifest.digest || !isGalleyError(error, "forbidden")) throw error;
      await check(root).catch(() => {
        throw error;
      });
    }
  };
}

async function loadPolicy(path: string | undefined) {
  const { checkPolicy, readPolicy } = await import("@galley/trust");
  const policy = await readPolicy({ environment: process.env, ...(path === undefined ? {} : { path }) });
  return { checkPolicy, policy };
}

/** The signatures of an image of a registry: what cosign has attached, and what the signature store keeps for its name. */
export function registrySignatures(
  repository: Repository,
  reference: Reference,
  signal?: AbortSignal,
): (digest: Digest) => SignatureSource {
  const store = async () => {
    const { signatureStoreFor } = await import("@galley/trust");
    return signatureStoreFor(reference, { environment: process.env, root: process.getuid?.() === 0 });
  };
  return (digest) => ({
    async sigstore() {
      const { sigstoreAttachments } = await import("@galley/trust");
      if ((await store()).useSigstoreAttachments === false) return [];
      return sigstoreAttachments(repository, digest, signal ? { signal } : {});
    },
    async simple() {
      const { lookasideSignatures } = await import("@galley/trust");
      const { lookaside } = await store();
      return lookaside ? lookasideSignatures(lookaside, reference, digest) : [];
    },
  });
}

/** As policies call what archives are. */
const transports: Readonly<Record<ArchiveFormat, string>> = {
  "docker-archive": "docker-archive",
  "docker-dir": "dir",
  "oci-archive": "oci-archive",
  "oci-dir": "oci",
};

/** Judges the images of an archive, by where it lies when it is a file or a directory. */
export async function archiveAdmission(
  format: ArchiveFormat,
  from: string | AsyncIterable<Uint8Array>,
  signaturePolicyPath?: string,
): Promise<Admit> {
  // A scope is a path without links; an open file that was removed has none.
  const path = typeof from === "string" ? await realpath(from).catch(() => undefined) : undefined;
  return admission({ transport: transports[format], ...(path === undefined ? {} : { path }), signaturePolicyPath });
}
