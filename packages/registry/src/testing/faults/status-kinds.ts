import { on, oneOf, onLayer, status, unauthorized } from "./faults.ts";
import { type FaultCase, type FaultKind, succeeds } from "./kind.ts";
import type { Fault } from "./world.ts";

const puts = /^PUT .*\/uploads\//;
const posts = /^POST .*\/uploads\//;

/** The same answer for the layer that is pulled and for the upload that is begun. */
function both(make: () => Fault, times: number | undefined, outcome: FaultCase["outcome"]): Omit<FaultKind, "name"> {
  return {
    pull: { fault: () => onLayer(make(), times), outcome, resumes: true },
    push: { fault: () => on(posts, make(), times), outcome, resumes: true },
  };
}

const passing = [408, 500, 502, 503, 504].map(
  (code): FaultKind => ({
    name: `status ${code} for a while`,
    ...both(() => status(code, {}, "<html>sorry</html>"), 2, succeeds),
  }),
);

const limits = {
  "ratelimit-limit": "100;w=21600",
  "ratelimit-remaining": "0;w=21600",
  "docker-ratelimit-source": "203.0.113.7",
};
const soon = (): string => new Date(Date.now() + 1500).toUTCString();
const lasting = { unauthorized: { kind: "unauthorized", code: "registry.unauthorized" } } as const;

/** Faults that are an answer with an error status. */
export const statusKinds: readonly FaultKind[] = [
  ...passing,
  {
    name: "status 500 for ever",
    ...both(() => status(500), undefined, { kind: "unavailable", code: "registry.failed" }),
  },
  {
    name: "status 429, Retry-After in seconds",
    ...both(() => status(429, { "retry-after": "1" }), 1, succeeds),
  },
  {
    name: "status 429, Retry-After as a date",
    ...both(
      () => (request, response, world) => status(429, { "retry-after": soon() })(request, response, world),
      1,
      succeeds,
    ),
  },
  {
    name: "status 429, Retry-After in an hour",
    ...both(() => status(429, { "retry-after": "3600", ...limits }), undefined, {
      kind: "unavailable",
      code: "registry.too-many-requests",
      message: /limit 100 in 6 h, 0 left, counted for 203\.0\.113\.7/,
    }),
  },
  { name: "status 401 for ever", ...both(() => unauthorized, undefined, lasting.unauthorized) },
  {
    name: "status 401 for the bytes themselves, for ever",
    pull: { fault: () => on(/^GET .*\/blobs\//, unauthorized), outcome: lasting.unauthorized },
    push: { fault: () => on(/^(PUT|PATCH) .*\/uploads\//, unauthorized), outcome: lasting.unauthorized },
  },
  {
    name: "status 403",
    ...both(() => status(403, {}, "{}"), undefined, { kind: "forbidden", code: "registry.denied" }),
  },
  {
    name: "status 404",
    ...both(() => status(404, {}, "not here"), undefined, { kind: "not-found", code: "registry.not-found" }),
  },
  {
    name: "status 405",
    ...both(() => status(405, { allow: "GET" }), undefined, { kind: "unsupported", code: "registry.unsupported" }),
  },
  {
    name: "status 416",
    pull: { fault: () => onLayer(status(416)), outcome: { kind: "corrupt", code: "registry.bad-range" } },
    push: {
      fault: () => on(/^PATCH /, status(416, { range: "0-0" }), 1),
      outcome: succeeds,
      client: { chunkBytes: 300_000 },
      resumes: true,
    },
  },
  {
    name: "status 413 for all in one piece",
    push: {
      fault: () =>
        on(
          puts,
          (request, response, world) =>
            Number(request.headers["content-length"]) > 0 &&
            status(413, { connection: "close" })(request, response, world),
        ),
      outcome: succeeds,
    },
  },
  {
    name: "an error in a gzipped page with control characters",
    ...both(() => status(400, { "content-encoding": "gzip" }, Buffer.from("\u001b[2J\u001f\u008b\u0000")), undefined, {
      kind: "invalid",
      code: "registry.refused",
    }),
  },
  {
    name: "an error in a body that never ends",
    ...both(() => endless, undefined, { kind: "forbidden", code: "registry.denied" }),
  },
  {
    name: "a success without meaning",
    pull: {
      fault: () => oneOf(onLayer(status(204))),
      outcome: { kind: "unavailable", code: "registry.failed" },
    },
    push: {
      fault: () => on(posts, status(200, {}, "welcome")),
      outcome: { kind: "unavailable", code: "registry.failed" },
    },
  },
];

const endless: Fault = (request, response) => {
  request.resume();
  response.writeHead(403);
  const fill = (): void =>
    void (response.destroyed || response.write(Buffer.alloc(16_384, " "), () => setImmediate(fill)));
  fill();
  return true;
};
