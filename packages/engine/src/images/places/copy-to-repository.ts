import { type CopyProgress, type CopyTarget, copyImage } from "@galley/image";
import type { Repository } from "@galley/registry";
import type { Descriptor } from "@galley/spec";
import type { ImageSource } from "../store-image.ts";
import { partKind, type TransferProgress } from "../transfer-progress.ts";

/** How to copy. */
export interface CopyToRepositoryOptions {
  /** Of an index every platform, and the index. */
  readonly all?: boolean | undefined;
  /** Makes a blob of what was sent before its digest was known. */
  readonly commit?: ((blob: Descriptor, signal?: AbortSignal) => Promise<boolean>) | undefined;
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Copies an image into a repository, which may take blobs over from others of its registry; the tag is the caller's to give. */
export async function copyToRepository(
  repository: Repository,
  { content, root }: ImageSource,
  { all, commit, onProgress, signal }: CopyToRepositoryOptions,
): Promise<Descriptor> {
  const sent = new Set<string>();
  return copyImage(root, content, noting(repository, { sent, commit }), {
    all,
    ...(signal ? { signal } : {}),
    onProgress: (progress) => onProgress?.(pushProgress(progress, sent)),
  });
}

interface Notes extends Pick<CopyToRepositoryOptions, "commit"> {
  readonly sent: Set<string>;
}

/** The same repository, which notes what it had to read in order to have it. */
function noting(repository: Repository, { sent, commit }: Notes): CopyTarget {
  return {
    exists: repository.exists,
    push: repository.push,
    receive: async (descriptor, open, options) => {
      const opened = (offsetBytes: number) => {
        sent.add(descriptor.digest);
        return open(offsetBytes);
      };
      if (await commit?.(descriptor, options?.signal)) return void sent.add(descriptor.digest);
      await repository.receive(descriptor, opened, options);
    },
  };
}

/** What came to be there without being read was taken over from another repository. */
function pushProgress({ descriptor, state, bytes }: CopyProgress, sent: ReadonlySet<string>): TransferProgress {
  const { digest, size } = descriptor;
  const states = { exists: "exists", started: "uploading", transferring: "uploading", done: "uploaded" } as const;
  const told = state === "done" && !sent.has(digest) ? "mounted" : states[state];
  return { digest, kind: partKind(descriptor), state: told, doneBytes: bytes, totalBytes: size };
}
