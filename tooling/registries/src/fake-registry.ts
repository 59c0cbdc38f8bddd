import { createMemoryStore, type RegistryStore, serveRegistry } from "@galley/registry-server";
import { type Access, accessOf } from "./access.ts";
import { type Answer, noteRequest, type Origin, type SeenRequest, sendAnswer } from "./origin.ts";
import { type StorageHost, startStorageHost } from "./storage-host.ts";

/** A registry that behaves as a service does, and what it and the hosts beside it saw. */
export interface FakeRegistry extends Origin, AsyncDisposable {
  /** What is in it; tests put images there directly. */
  readonly store: RegistryStore;
  /** Where its blobs are, when that is another host. */
  readonly storage: StorageHost;
}

/** What is said about the registry's users and contents. */
export interface FakeRegistryOptions {
  /** Passwords by user. */
  readonly accounts?: Readonly<Record<string, string>>;
  /** Repositories that only users see. */
  readonly privateRepositories?: readonly string[];
}

interface Manner {
  /** Answers before the registry does: refuses, or is something that registries have beside their API. */
  answer(request: SeenRequest, access: Access, origin: Origin): Answer | undefined | Promise<Answer | undefined>;
  /** The status of the redirect to where blobs are; without it the registry gives them itself. */
  readonly blobRedirect?: 302 | 307;
  /** Added to the registry's own answers. */
  headers?(request: SeenRequest, access: Access): Readonly<Record<string, string>>;
  /** Ended with the registry. */
  readonly others?: readonly AsyncDisposable[];
}

/** A registry with a service's manner, over one that follows the specification. */
export async function startFakeRegistry(manner: Manner): Promise<FakeRegistry> {
  const store = createMemoryStore();
  const storage = await startStorageHost(store);
  const seen: SeenRequest[] = [];
  const server = await serveRegistry({
    store,
    async intercept(request, response) {
      const note = await noteRequest(request, seen);
      const access = accessOf(note);
      const answer =
        (await manner.answer(note, access, origin)) ?? redirect(note, access, { storage, status: manner.blobRedirect });
      for (const [name, value] of Object.entries(manner.headers?.(note, access) ?? {})) response.setHeader(name, value);
      if (answer) sendAnswer(response, answer);
      return answer !== undefined;
    },
  });
  const origin: Origin = { url: server.url, address: server.address, seen };
  return {
    ...origin,
    store,
    storage,
    async [Symbol.asyncDispose]() {
      for (const each of [server, storage, ...(manner.others ?? [])]) await each[Symbol.asyncDispose]();
    },
  };
}

function redirect(
  { method }: SeenRequest,
  { kind, repository, subject }: Access,
  { storage, status }: { readonly storage: StorageHost; readonly status: 302 | 307 | undefined },
): Answer | undefined {
  if (kind !== "blob" || status === undefined || method !== "GET") return undefined;
  return { status, headers: { location: storage.addressOf(repository, subject) } };
}

/** An error body as the distribution specification has it. */
export function errors(code: string, message: string, detail?: unknown): { readonly errors: readonly unknown[] } {
  return { errors: [{ code, message, ...(detail !== undefined && { detail }) }] };
}

/** The bearer token of a request. */
export function bearerOf({ headers }: SeenRequest): string | undefined {
  return /^Bearer (.+)$/.exec(headers.authorization ?? "")?.[1];
}
