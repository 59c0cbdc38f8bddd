import { type ContentOptions, type Descriptor, type Digest, isGalleyError, mediaTypes } from "@galley/spec";
import { listPages } from "./list-pages.ts";
import { fetchReferrersIndex } from "./referrers-tag.ts";
import type { Session, WholeReply } from "./session.ts";

export interface ReferrersOptions extends ContentOptions {
  /** Only those of this type. */
  readonly artifactType?: string;
}

/**
 * The manifests that refer to one as their subject, page by page (OCI distribution-spec 1.1, "Listing Referrers"). From
 * the index that stands in for the list, when the registry does not keep one. Empty when nothing refers to it.
 */
export async function* listReferrers(
  session: Session,
  subject: Digest,
  { artifactType, ...options }: ReferrersOptions,
): AsyncIterable<Descriptor> {
  // The registry may filter, and may not: whoever looks again loses nothing.
  const wanted = (each: Descriptor): boolean => artifactType === undefined || each.artifactType === artifactType;
  const pages = referrersPages(session, subject, { artifactType, ...options });
  const first = await pages.next();
  if (first.done) {
    yield* (await fetchReferrersIndex(session, subject, options))?.manifests.filter(wanted) ?? [];
    return;
  }
  yield* first.value.filter(wanted);
  for await (const page of pages) yield* page.filter(wanted);
}

type Wanted = ContentOptions & { readonly artifactType: string | undefined };

/** No page at all when the registry does not have such a list; each list has at least one. */
async function* referrersPages(
  session: Session,
  subject: Digest,
  { artifactType, signal }: Wanted,
): AsyncGenerator<readonly Descriptor[]> {
  const { parseImageIndex } = await import("@galley/spec/schemas");
  const query = artifactType === undefined ? "" : `?${new URLSearchParams({ artifactType })}`;
  const pages = listPages(session, {
    ...(signal && { signal }),
    method: "GET",
    at: `referrers/${subject}${query}`,
    doing: `list what refers to ${subject}`,
    access: "pull",
    accept: [200],
    headers: { accept: mediaTypes.imageIndex },
  });
  try {
    for await (const reply of pages) {
      if (!isIndex(reply)) return;
      yield parseImageIndex(reply.body).manifests;
    }
  } catch (error) {
    if (!isUnsupported(error)) throw error;
  }
}

/** Some registries answer paths that they do not know with a page of their own. */
function isIndex(reply: WholeReply): boolean {
  return (reply.header("content-type") ?? "").split(";", 1)[0]?.trim() === mediaTypes.imageIndex;
}

const unsupported = new Set([400, 404, 405, 406, 415, 501]);

function isUnsupported(error: unknown): boolean {
  return isGalleyError(error) && unsupported.has(Number(error.details["status"]));
}
