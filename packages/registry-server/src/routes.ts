import { deleteBlob, getBlob } from "./blobs.ts";
import { listRepositories } from "./catalog.ts";
import { answerJson, type Handler } from "./exchange.ts";
import { deleteManifest, getManifest, putManifest } from "./manifests.ts";
import { listReferrers } from "./referrers.ts";
import { listTags } from "./tags.ts";
import { cancelUpload, finishUpload, getUpload, patchUpload, startUpload } from "./upload-blob.ts";

/** What a client wants to do to a repository; `catalog` is to see the names of all. */
export type Action = "pull" | "push" | "delete" | "catalog";

interface Endpoint {
  readonly handler: Handler;
  readonly action: Action;
}

interface Route {
  /** First the repository, then the subject. */
  readonly path: RegExp;
  readonly methods: Readonly<Record<string, Endpoint>>;
}

export interface Match {
  readonly endpoint: Endpoint | undefined;
  readonly allowed: readonly string[];
  readonly repository: string;
  readonly subject: string;
}

const pull = (handler: Handler): Endpoint => ({ handler, action: "pull" });
const push = (handler: Handler): Endpoint => ({ handler, action: "push" });
const remove = (handler: Handler): Endpoint => ({ handler, action: "delete" });

const ping: Handler = async (exchange) => answerJson(exchange, {});

/** The first path that matches wins. */
const routes: readonly Route[] = [
  { path: /^\/v2\/?$/, methods: { GET: pull(ping), HEAD: pull(ping) } },
  { path: /^\/v2\/_catalog$/, methods: { GET: { handler: listRepositories, action: "catalog" } } },
  { path: /^\/v2\/(.+)\/tags\/list$/, methods: { GET: pull(listTags) } },
  { path: /^\/v2\/(.+)\/referrers\/([^/]+)$/, methods: { GET: pull(listReferrers) } },
  {
    path: /^\/v2\/(.+)\/manifests\/([^/]+)$/,
    methods: {
      GET: pull(getManifest),
      HEAD: pull(getManifest),
      PUT: push(putManifest),
      DELETE: remove(deleteManifest),
    },
  },
  { path: /^\/v2\/(.+)\/blobs\/uploads\/?$/, methods: { POST: push(startUpload) } },
  {
    path: /^\/v2\/(.+)\/blobs\/uploads\/([^/]+)$/,
    methods: {
      GET: push(getUpload),
      PATCH: push(patchUpload),
      PUT: push(finishUpload),
      DELETE: push(cancelUpload),
    },
  },
  {
    path: /^\/v2\/(.+)\/blobs\/([^/]+)$/,
    methods: { GET: pull(getBlob), HEAD: pull(getBlob), DELETE: remove(deleteBlob) },
  },
];

/** What to do for a decoded path; undefined when it is no path of a registry. */
export function matchRoute(path: string, method: string): Match | undefined {
  for (const route of routes) {
    const [matched, repository = "", subject = ""] = route.path.exec(path) ?? [];
    if (matched === undefined) continue;
    const endpoint = Object.hasOwn(route.methods, method) ? route.methods[method] : undefined;
    return { endpoint, allowed: Object.keys(route.methods), repository, subject };
  }
  return undefined;
}
