import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { RunningRegistry } from "@galley/testing-images";

/** What a registry would have answered. */
export interface Answer {
  readonly path: string;
  readonly request: IncomingMessage;
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

/** Answers in its own way, or returns an answer to send. */
export type Tamper = (answer: Answer, response: ServerResponse) => Answer | undefined | Promise<Answer | undefined>;

/** Stands in front of a real registry and changes what it says. */
export async function tamperingRegistry(behind: RunningRegistry, tamper: Tamper): Promise<RunningRegistry> {
  const server = createServer(async (request, response) => {
    try {
      const answer = await tamper(await ask(behind, request), response);
      if (answer === undefined) return;
      response.writeHead(answer.status, { ...answer.headers, "content-length": answer.body.length });
      response.end(request.method === "HEAD" ? undefined : answer.body);
    } catch (error) {
      response.destroy(error as Error);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function ask(behind: RunningRegistry, request: IncomingMessage): Promise<Answer> {
  const path = request.url ?? "/";
  const { accept = "*/*", range } = request.headers;
  const headers = { accept, ...(range === undefined ? {} : { range }) };
  const asked = await fetch(`http://${behind.address}${path}`, { method: request.method ?? "GET", headers });
  const kept = ["content-type", "docker-content-digest", "content-range", "www-authenticate"];
  const told = kept.flatMap((name) => {
    const value = asked.headers.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  return {
    path,
    request,
    status: asked.status,
    headers: Object.fromEntries(told),
    body: Buffer.from(await asked.arrayBuffer()),
  };
}
