import { type CopyProgress, type CopyTarget, copyImage } from "@galley/image";
import type { Repository } from "@galley/registry";
import type { Descriptor } from "@galley/spec";
import type { ImageSource } from "../store-image.ts";
import { partKind, type TransferProgress } from "../transfer-progress.ts";

/** How to copy. */
export interface CopyToRepositoryOptions {
  /** Of an index every platform, and the index. */
  readonly all?: boolean | undefined;
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Copies an image into a repository, which may take blobs over from others of its registry; the tag is the caller's to give. */
export async function copyToRepository(
  repository: Repository,
  { content, root }: ImageSource,
  { all, onProgress, signal }: CopyToRepositoryOptions,
): Promise<Descriptor> {
  const sent = new Set<string>();
  return copyImage(root, content, noting(repository, sent), {
    all,
    ...(signal ? { signal } : {}),
    onProgress: (progress) => onProgress?.(pushProgress(progress, sent)),
  });
}

/** The same repository, which notes what it had to read in order to have it. */
function noting(repository: Repository, sent: Set<string>): CopyTarget {
  return {
    exists: repository.exists,
    push: repository.push,
    receive: (descriptor, open, options) =>
      repository.receive(
        descriptor,
        (offsetBytes) => {
          sent.add(descriptor.digest);
          return open(offsetBytes);
        },
        options,
      ),
  };
}

/** What came to be there without being read was taken over from another repository. */
function pushProgress({ descriptor, state, bytes }: CopyProgress, sent: ReadonlySet<string>): TransferProgress {
  const { digest, size } = descriptor;
  const states = { exists: "exists", started: "uploading", transferring: "uploading", done: "uploaded" } as const;
  const told = state === "done" && !sent.has(digest) ? "mounted" : states[state];
  return { digest, kind: partKind(descriptor), state: told, doneBytes: bytes, totalBytes: size };
}
