import { once } from "node:events";
import { PassThrough } from "node:stream";
import type { Spool } from "@galley/image";
import type { Repository, StreamedUpload } from "@galley/registry";
import { createDigester, type Descriptor, isGalleyError } from "@galley/spec";

/** A spool that sends what it keeps to a repository at the same time. */
export interface UploadSpool extends AsyncDisposable {
  readonly spool: Spool;
  /** Makes a blob of what was sent; false when it was not, or in vain: then it is to be pushed. */
  commit(descriptor: Descriptor, signal?: AbortSignal): Promise<boolean>;
}

/** Less is pushed afterwards: it takes no longer, and can be repeated. */
const leastBytes = 8 * 1024 * 1024;

/**
 * Keeps streams in another spool and sends them meanwhile, so that a layer is on its way while it is compressed. What the registry
 * does not take is still in the spool.
 *
 * @throws of the spool: unauthorized, forbidden, when the registry takes nothing from us at all
 */
export function uploadSpool(repository: Pick<Repository, "stream">, kept: Spool): UploadSpool {
  const sent = new Map<string, StreamedUpload>();
  const spool: Spool = async (content, options = {}) => {
    const side = sideStream(repository, options.signal);
    const digester = createDigester();
    const both = async function* () {
      for await (const chunk of content) {
        digester.update(chunk);
        await side.write(chunk);
        yield chunk;
      }
    };
    try {
      const file = await kept(both(), options);
      const upload = await side.end();
      if (upload) sent.set(digester.digest(), upload);
      return file;
    } catch (error) {
      side.abandon();
      throw error;
    }
  };
  return {
    spool,
    async commit(descriptor, signal) {
      const upload = sent.get(descriptor.digest);
      sent.delete(descriptor.digest);
      if (!upload) return false;
      return upload.commit(descriptor, signal ? { signal } : {}).then(
        () => true,
        (error: unknown) => {
          if (isGalleyError(error, "cancelled")) throw error;
          return false;
        },
      );
    },
    async [Symbol.asyncDispose]() {
      for (const upload of sent.values()) await upload.cancel();
    },
  };
}

interface SideStream {
  /** Waits while the registry is slow. */
  write(chunk: Uint8Array): Promise<void>;
  /** What the registry took; undefined when it did not, or when there was little. */
  end(): Promise<StreamedUpload | undefined>;
  abandon(): void;
}

/** A second way for bytes, begun when there are enough of them. Only a registry that lets us in nowhere is an error. */
function sideStream(repository: Pick<Repository, "stream">, signal: AbortSignal | undefined): SideStream {
  const early: Uint8Array[] = [];
  let earlyBytes = 0;
  let pipe: PassThrough | undefined;
  let sending: Promise<StreamedUpload | undefined> | undefined;
  let refusal: unknown;

  const begin = (): PassThrough => {
    const made = new PassThrough({ highWaterMark: leastBytes / 2 });
    made.on("error", () => {}); // told by the upload
    sending = repository.stream(made, signal ? { signal } : {}).catch((error: unknown) => {
      if (isGalleyError(error, "unauthorized") || isGalleyError(error, "forbidden")) refusal = error;
      made.destroy();
      return undefined;
    });
    return made;
  };
  const pass = async (chunk: Uint8Array): Promise<void> => {
    if (!pipe || pipe.destroyed || pipe.write(chunk)) return;
    await Promise.race([once(pipe, "drain"), once(pipe, "close")]).catch(() => {});
  };
  return {
    async write(chunk) {
      if (refusal) throw refusal;
      if (pipe) return pass(chunk);
      early.push(chunk);
      earlyBytes += chunk.length;
      if (earlyBytes < leastBytes) return;
      pipe = begin();
      for (const each of early.splice(0)) await pass(each);
    },
    async end() {
      pipe?.end();
      const upload = await sending;
      if (refusal) throw refusal;
      return upload;
    },
    abandon: () => pipe?.destroy(),
  };
}
