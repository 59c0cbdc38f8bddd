import { type ContentOptions, type Descriptor, type Fetcher, galleyError } from "@galley/spec";
import { maxDocumentBytes } from "../limits.ts";
import { onlySignal } from "./only-signal.ts";
import { verified } from "./verified.ts";

/**
 * The whole content of a descriptor, verified; for documents, not for layers.
 *
 * @throws unsupported image.too-large above 4 MiB; corrupt image.size, image.digest
 *
 * @example
 * const config = parseImageConfig(await readContent(fetcher, manifest.config));
 */
export async function readContent(
  fetcher: Fetcher,
  descriptor: Descriptor,
  options: ContentOptions = {},
): Promise<Uint8Array> {
  if (descriptor.size > maxDocumentBytes) throw tooLarge(descriptor);
  const chunks: Uint8Array[] = [];
  for await (const chunk of verified(descriptor, await fetcher.fetch(descriptor, onlySignal(options))))
    chunks.push(chunk);
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}

function tooLarge({ mediaType, size, digest }: Descriptor) {
  const message = `${mediaType} ${digest} has ${size} bytes, more than ${maxDocumentBytes}`;
  return galleyError("unsupported", "image.too-large", message, { details: { digest, size } });
}
