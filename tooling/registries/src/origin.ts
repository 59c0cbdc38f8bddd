import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as it came: all that a leak could be in. */
export interface SeenRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Of forms only. */
  body: string;
}

/** What to answer. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text, or something to say as JSON. */
  readonly body?: unknown;
}

/** One host of a service, as far as a client can tell: another port. */
export interface Origin {
  readonly url: string;
  /** `127.0.0.1:41234` */
  readonly address: string;
  readonly seen: readonly SeenRequest[];
}

/** Notes a request; a form, which has credentials in it, is read. */
export async function noteRequest(request: IncomingMessage, seen: SeenRequest[]): Promise<SeenRequest> {
  const { method = "", url = "", headers } = request;
  const note: SeenRequest = { method, url, headers, body: "" };
  seen.push(note);
  if (headers["content-type"]?.startsWith("application/x-www-form-urlencoded")) {
    for await (const part of request) if (note.body.length < 100_000) note.body += String(part);
  }
  return note;
}

/** Sends an answer. */
export function sendAnswer(response: ServerResponse, { status, headers = {}, body }: Answer): void {
  const isText = typeof body === "string" || body === undefined;
  const type = isText ? "text/plain; charset=utf-8" : "application/json";
  response.writeHead(status, { "content-type": type, ...headers }).end(isText ? body : JSON.stringify(body));
}

/** Answers or, having answered itself, gives nothing. */
export type Respond = (
  request: SeenRequest,
  response: ServerResponse,
) => Promise<Answer | undefined> | Answer | undefined;

/** A host beside the registry: a token service, a storage of blobs. */
export async function startOrigin(respond: Respond): Promise<Origin & AsyncDisposable> {
  const seen: SeenRequest[] = [];
  const server = createServer(async (request, response) => {
    try {
      const answer = await respond(await noteRequest(request, seen), response);
      if (answer) sendAnswer(response, answer);
    } catch {
      response.destroy();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${address}`,
    address,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Name and password of a Basic header. */
export function readBasic({ headers }: SeenRequest): { user: string; password: string } | undefined {
  const [, encoded] = /^Basic (.+)$/.exec(headers.authorization ?? "") ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString();
  const colon = text.indexOf(":");
  return { user: text.slice(0, Math.max(0, colon)), password: text.slice(colon + 1) };
}

/** The requests in which a secret is, plain or in base64, anywhere. */
export function requestsWith({ seen }: Origin, secret: string): SeenRequest[] {
  return seen.filter((request) => {
    const basic = readBasic(request);
    const texts = [JSON.stringify(request), decodeURIComponent(request.body), basic?.user ?? "", basic?.password ?? ""];
    return texts.some((text) => text.includes(secret));
  });
}

/** The requests that carry credentials of any kind. */
export function requestsWithCredentials({ seen }: Origin): SeenRequest[] {
  return seen.filter(
    ({ headers, body }) => headers.authorization ?? headers.cookie ?? (body === "" ? undefined : body),
  );
}
