import { type Descriptor, type GalleyError, galleyError, type Reference } from "@galley/spec";
import { type AuthorizedSend, createAuthorizer } from "./authorizer.ts";
import { createGate, type Gate } from "./gate.ts";
import { createHttp, type Http, type HttpRequest, type Reply } from "./http.ts";
import { defaultMaxTransfers, maxErrorBodyBytes } from "./limits.ts";
import { type RegistryOptions, type RetryPolicy, retryOf } from "./options.ts";
import { findOrigin, hostOf } from "./origin.ts";
import { parseRateLimit } from "./rate-limit.ts";
import { followRedirects } from "./redirects.ts";
import { registryError } from "./registry-error.ts";
import { parseRetryAfter, withRetries } from "./retry.ts";

/** What the operations on one repository, or on the registry itself, share. */
export interface Session {
  /** `docker.io/library/alpine`, or the registry alone, for messages. */
  readonly name: string;
  readonly domain: string;
  /** Empty for the registry itself. */
  readonly repository: string;
  readonly retry: RetryPolicy;
  readonly options: RegistryOptions;
  readonly http: Http;
  readonly authorized: AuthorizedSend;
  /** Blobs pass here, so that many at once share what there is. */
  readonly transfers: Gate;
  /** Blobs that the repository was found not to have, so that who asks before pushing need not be answered twice. */
  readonly absent: Set<string>;
  /** The last change to an index of referrers: they wait for each other. */
  indexChanges?: Promise<unknown>;
  /** Found out by the first call; a promise, so that calls that start together find out once. */
  origin?: Promise<URL> | undefined;
}

/** What a request is about to do, in the words of token scopes. */
export type Access = "pull" | "push" | "delete" | "catalog" | "none";

/** One request to a repository. */
export interface Call extends Omit<HttpRequest, "url"> {
  /** Below `/v2/<repository>/`, or a whole address that the registry has given. */
  readonly at: string | URL;
  /** For errors: `fetch manifest v1`. */
  readonly doing: string;
  readonly access: Access;
  /** Statuses that are fine; others become errors. */
  readonly accept: readonly number[];
  /** Another repository of the registry that must be readable too. */
  readonly alsoPull?: string;
  /** Without credentials, wherever it goes. */
  readonly anonymous?: boolean;
}

/** Opens what the operations on one repository share. */
export function openSession({ domain, repository }: Reference, options: RegistryOptions): Session {
  const http = createHttp(options, hostOf(domain));
  return {
    name: repository === "" ? domain : `${domain}/${repository}`,
    domain,
    repository,
    options,
    http,
    retry: retryOf(options),
    transfers: createGate(options.maxTransfers ?? defaultMaxTransfers),
    absent: new Set(),
    authorized: createAuthorizer({ http, options, domain, repository }),
  };
}

/** Sends a request, once. Throws the registry's error when the status is not an accepted one. */
export async function callOnce(session: Session, call: Call): Promise<Reply> {
  const origin = await originOf(session, call.signal);
  const base = new URL(session.repository === "" ? "/v2/" : `/v2/${session.repository}/`, origin);
  const url = new URL(call.at, base);
  const request: HttpRequest = { ...call, url };
  // Uploads may go to another host, which the registry's credentials are not for.
  const reply =
    url.origin === origin.origin && !call.anonymous
      ? await session.authorized(request, scopesOf(session, call))
      : await followRedirects(session.http, request, session.options);
  if (call.accept.includes(reply.status)) return reply;
  throw await errorOf(session, call, reply);
}

/** Sends a request, again when that may help. Not for bodies that can be read only once. */
export async function callRepeatedly(session: Session, call: Call): Promise<Reply> {
  return withRetries(() => callOnce(session, call), { policy: session.retry, signal: call.signal });
}

/** An answer with all of its body. */
export interface WholeReply extends Reply {
  readonly body: Uint8Array;
}

/** Like {@link callRepeatedly}, for an answer that is needed whole: one that breaks off is asked for again. */
export async function callForBody(session: Session, call: Call, maxBytes: number): Promise<WholeReply> {
  const attempt = async (): Promise<WholeReply> => {
    const reply = await callOnce(session, call);
    return { ...reply, body: await reply.bytes(maxBytes) };
  };
  return withRetries(attempt, { policy: session.retry, signal: call.signal });
}

async function originOf(session: Session, signal: AbortSignal | undefined): Promise<URL> {
  signal?.throwIfAborted();
  const { http, domain, options } = session;
  session.origin ??= findOrigin(http, domain, { options, signal });
  try {
    return await session.origin;
  } catch (error) {
    session.origin = undefined;
    throw error;
  }
}

function scopesOf({ repository }: Session, { access, alsoPull }: Call): string[] {
  if (access === "none") return [];
  if (access === "catalog") return ["registry:catalog:*"];
  const own = `repository:${repository}:${actions[access]}`;
  return alsoPull === undefined ? [own] : [own, `repository:${alsoPull}:pull`];
}

const actions = { pull: "pull", push: "pull,push", delete: "pull,delete" } as const;

async function errorOf(session: Session, call: Call, reply: Reply): Promise<GalleyError> {
  const body = await reply.bytes(maxErrorBodyBytes).catch(() => new Uint8Array());
  const retryAfterMs = reply.renewed ? 0 : parseRetryAfter(reply.header("retry-after"));
  const rateLimit = reply.status === 429 ? parseRateLimit((name) => reply.header(name)) : undefined;
  return registryError(`${call.doing} of ${call.anonymous ? reply.url.host : session.name}`, {
    status: reply.status,
    body,
    ...(reply.renewed && { transient: true }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(rateLimit && { rateLimit }),
  });
}

/** An answer that no registry should give. */
export function corrupt(session: Session, code: string, message: string, about?: Descriptor): GalleyError {
  const details = { name: session.name, ...(about && { digest: about.digest }) };
  return galleyError("corrupt", `registry.${code}`, `${session.name}: ${message}`, { details });
}
