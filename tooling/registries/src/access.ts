import type { SeenRequest } from "./origin.ts";

/** What a request to a registry is about. */
export interface Access {
  readonly kind: "base" | "catalog" | "manifest" | "blob" | "upload" | "tags" | "referrers" | "other";
  /** Empty when it is about none. */
  readonly repository: string;
  /** Digest, tag or upload. */
  readonly subject: string;
  readonly action: "pull" | "push" | "delete";
  /** In the words of token scopes; undefined for the registry itself. */
  readonly scope: string | undefined;
}

const kinds = {
  manifests: "manifest",
  blobs: "blob",
  "blobs/uploads": "upload",
  tags: "tags",
  referrers: "referrers",
} as const;

export function accessOf({ method, url }: SeenRequest): Access {
  const { pathname } = new URL(url, "http://registry");
  const common = { repository: "", subject: "", action: "pull", scope: undefined } as const;
  if (/^\/v2\/?$/.test(pathname)) return { ...common, kind: "base" };
  if (pathname === "/v2/_catalog") return { ...common, kind: "catalog", scope: "registry:catalog:*" };
  const pattern = /^\/v2\/(.+?)\/(manifests|blobs\/uploads|blobs|tags|referrers)\/([^/]*)$/;
  const [, repository, place, subject = ""] = pattern.exec(decodeURIComponent(pathname)) ?? [];
  if (repository === undefined || place === undefined) return { ...common, kind: "other" };
  const reads = method === "GET" || method === "HEAD";
  const action =
    method === "DELETE" && place !== "blobs/uploads" ? "delete" : reads && place !== "blobs/uploads" ? "pull" : "push";
  const actions = action === "push" ? "pull,push" : action;
  return {
    kind: kinds[place as keyof typeof kinds],
    repository,
    subject,
    action,
    scope: `repository:${repository}:${actions}`,
  };
}
