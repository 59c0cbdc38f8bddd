import { type Descriptor, type GalleyError, galleyError, isGalleyError, wrapError } from "@galley/spec";
import { type ContentReader, createContentReader, type OpenContent } from "./content-reader.ts";
import { hasBlob } from "./has-blob.ts";
import { defaultChunkBytes, minChunkBytes, progressBytes } from "./limits.ts";
import { mountFromCandidates } from "./mount-blob.ts";
import { pause, retryDelayMs } from "./retry.ts";
import { sendBytes, type Upload } from "./send-bytes.ts";
import type { Session } from "./session.ts";
import type { TransferOptions } from "./transfer.ts";
import { findUpload, startUpload } from "./upload-place.ts";

interface PushOptions extends TransferOptions {
  readonly open: OpenContent;
  /** Whether the content can be opened only once. */
  readonly once?: boolean;
}

/**
 * Uploads a blob, unless it is there or can be taken from another repository. In one request; in pieces when the
 * session's options say so or when the registry refuses the one. What was cut goes on where the registry says that it
 * has come to; what was cut after the end may have arrived, and is then left at that. Each blob has retries of its
 * own, and gets new ones when it has made progress. Size and digest are verified on the way, and again by the registry.
 */
export async function pushBlob(session: Session, descriptor: Descriptor, options: PushOptions): Promise<void> {
  const { open, signal } = options;
  if (!session.absent.has(descriptor.digest) && (await hasBlob(session, descriptor, options))) return;
  const candidates = session.options.mountFrom?.(descriptor) ?? [];
  const begun = await mountFromCandidates(session, descriptor, { candidates, ...(signal && { signal }) });
  if (begun === "mounted") return;
  const leave = await session.transfers.enter(signal);
  const content = createContentReader(descriptor, open);
  const { chunkBytes } = session.options;
  const upload: Upload = {
    ...{ session, descriptor, content, options, sentBytes: 0 },
    ...(begun && { place: begun }),
    ...(chunkBytes !== undefined && { chunkBytes }),
  };
  try {
    await sendUntilThere(upload, options);
    session.absent.delete(descriptor.digest);
  } finally {
    leave();
    content.close();
  }
}

async function sendUntilThere(upload: Upload, { signal, once = false }: PushOptions): Promise<void> {
  const { session, content } = upload;
  let markBytes = 0;
  for (let failures = 0; ; ) {
    try {
      if (failures > 0 && (await recover(upload))) return;
      return await advance(upload);
    } catch (error) {
      const failure = content.failure ?? wrapError(`push blob ${upload.descriptor.digest}`, error);
      const reached = upload.place?.offsetBytes ?? 0;
      if (reached - markBytes >= progressBytes) failures = 0;
      markBytes = reached;
      failures++;
      const delayMs = await nextTryMs(upload, content, { failure, failures, once });
      if (delayMs === "there") return;
      if (delayMs === undefined || failures >= session.retry.attempts) throw content.failure ?? error;
      await pause(delayMs, signal);
    }
  }
}

interface Failed {
  readonly failure: GalleyError;
  readonly failures: number;
  readonly once: boolean;
}

/** When to try again; undefined for never. Changes the way in which the upload goes on. */
async function nextTryMs(
  upload: Upload,
  content: ContentReader,
  { failure, failures, once }: Failed,
): Promise<number | "there" | undefined> {
  if (content.failure || failure.kind === "cancelled") return undefined;
  // What cannot be read again has failed, unless only the answer was lost.
  if (once && content.opened) return (await isCommitted(upload)) ? "there" : undefined;
  if (inSmallerPieces(upload, failure)) return 0;
  return retryDelayMs(restartable(upload, failure), failures, upload.session.retry);
}

const refusesOnePiece = new Set([405, 411, 413, 415, 416, 501]);

/** A registry, or something before it, that does not take so much at once may take it in pieces. */
function inSmallerPieces(upload: Upload, { details }: GalleyError): boolean {
  const status = Number(details["status"]);
  const least = Math.max(upload.place?.minChunkBytes ?? 0, minChunkBytes);
  const before = upload.chunkBytes;
  if (!upload.place || !refusesOnePiece.has(status)) return false;
  if (before === undefined) upload.chunkBytes = Math.max(defaultChunkBytes, least);
  else if (status === 413 && before > least) upload.chunkBytes = Math.max(least, Math.floor(before / 4));
  return upload.chunkBytes !== before;
}

const lost = new Set(["registry.upload-lost", "registry.upload-invalid", "registry.range-invalid"]);

/** An upload that the registry has forgotten, or mixed up, is begun again; so is one that came out wrong after a cut. */
function restartable(upload: Upload, failure: GalleyError): GalleyError {
  const mixedUp = upload.resumed === true && failure.code === "registry.digest-mismatch";
  const status = failure.details["status"];
  const gone = lost.has(failure.code) || (upload.place !== undefined && (status === 404 || status === 416));
  if (!gone && !mixedUp) return failure;
  // A registry that is just not as far as was thought says so when it is asked; any other trouble is left behind.
  if (mixedUp || status !== 416 || upload.resumed) delete upload.place;
  return galleyError("unavailable", failure.code, failure.message, {
    details: { ...failure.details, transient: true },
  });
}

/** Finds out where to go on. True when there is nothing left to do. */
async function recover(upload: Upload): Promise<boolean> {
  const { session, place, options } = upload;
  if (await isCommitted(upload)) return true;
  if (!place) return false;
  const found = await findUpload(session, place, options);
  if (found && found.offsetBytes > 0) upload.resumed = true;
  // A registry that claims to have what was never sent is not to be built on.
  if (found && found.offsetBytes <= upload.sentBytes) upload.place = found;
  else delete upload.place;
  return false;
}

async function isCommitted({ session, descriptor, options }: Upload): Promise<boolean> {
  const quick = { ...session, retry: { ...session.retry, attempts: 1 } };
  return hasBlob(quick, descriptor, options).catch((error: unknown) => {
    if (isGalleyError(error, "cancelled")) throw error;
    return false;
  });
}

async function advance(upload: Upload): Promise<void> {
  upload.place ??= await startUpload(upload.session, upload.descriptor, upload.options);
  await sendBytes(upload, upload.place);
}
