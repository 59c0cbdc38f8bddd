import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import type { AccessRequest, Verdict } from "@galley/registry-server";
import { describe, expect, test } from "vitest";
import { faultyRegistry, status, times } from "./testing/faulty-registry.ts";
import { collect, describe as descriptorOf, pieces } from "./testing/image.ts";

const me = { username: "me", password: "s3cret" };
const basicHeader = `Basic ${Buffer.from("me:s3cret").toString("base64")}`;

/** A server of another host, as far as a client can tell: another port. */
async function otherServer(listener: RequestListener) {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    listener(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A token service that gives tokens named by their number; and a registry's check of them. */
async function tokenService(answer: (count: number) => object = (count) => ({ token: `t${count}` })) {
  let count = 0;
  const service = await otherServer((_, response) => response.end(JSON.stringify(answer(++count))));
  const challenge = `Bearer realm="${service.url}/token",service="r",scope="repository:team/app:pull"`;
  const authorize =
    (good: (token: string) => boolean) =>
    ({ headers }: AccessRequest): Verdict =>
      good(headers.authorization?.replace(/^Bearer /, "") ?? "") ? "allow" : { challenge };
  return { ...service, authorize };
}

const query = (request: IncomingMessage | undefined) => new URL(request?.url ?? "", "http://x").searchParams;

describe("openRepository() with Basic", () => {
  const authorize = ({ headers }: AccessRequest): Verdict =>
    headers.authorization === basicHeader ? "allow" : { challenge: 'Basic realm="galley"' };

  test("openRepository() gives name and password once it is asked, and from then on", async () => {
    const asked: string[] = [];
    const credentials = async (domain: string, repository: string) => {
      asked.push(`${domain} ${repository}`);
      return me;
    };
    await using registry = await faultyRegistry({ authorize, client: { credentials } });
    await registry.repository.resolve("v1");
    await collect(await registry.repository.fetch(registry.image.layer));
    expect(asked).toEqual([`${registry.server.address} team/app`]);
    expect(registry.requests.length).toBe(3);
  });

  test("openRepository() asks once when many requests are refused at the same time", async () => {
    await using registry = await faultyRegistry({ authorize, client: { credentials: async () => me } });
    await Promise.all(Array.from({ length: 10 }, () => registry.repository.resolve("v1")));
  });

  test("openRepository() says unauthorized without credentials, and with wrong ones, after two requests", async () => {
    for (const credentials of [async () => undefined, async () => ({ ...me, password: "wrong" })]) {
      await using registry = await faultyRegistry({ authorize, client: { credentials } });
      await expect(registry.repository.fetch(registry.image.layer)).rejects.toMatchObject({
        kind: "unauthorized",
        code: "registry.unauthorized",
        message: expect.not.stringContaining("wrong"),
      });
      expect(registry.requests.length).toBeLessThanOrEqual(2);
    }
  });

  test("openRepository() gives the error of the credential lookup", async () => {
    const credentials = () => Promise.reject(new Error("bad auth file"));
    await using registry = await faultyRegistry({ authorize, client: { credentials } });
    await expect(registry.repository.resolve("v1")).rejects.toThrow("bad auth file");
  });
});

describe("openRepository() with tokens", () => {
  test("openRepository() gets an anonymous token and uses it again", async () => {
    await using service = await tokenService();
    await using registry = await faultyRegistry({ authorize: service.authorize((token) => token === "t1") });
    await registry.repository.resolve("v1");
    await registry.repository.fetchManifest("v1");
    expect(service.seen.length).toBe(1);
    expect(service.seen[0]?.headers.authorization).toBeUndefined();
    expect(query(service.seen[0]).getAll("scope")).toEqual(["repository:team/app:pull"]);
    expect(query(service.seen[0]).get("service")).toBe("r");
  });

  test("openRepository() gives its credentials to the token service only", async () => {
    await using service = await tokenService(() => ({ access_token: "t" }));
    const atRegistry: unknown[] = [];
    await using registry = await faultyRegistry({
      fault: ({ headers }) => atRegistry.push(headers.authorization) === 0,
      authorize: service.authorize((token) => token === "t"),
      client: { credentials: async () => me },
    });
    await registry.repository.resolve("v1");
    expect(service.seen[0]?.headers.authorization).toBe(basicHeader);
    expect(atRegistry).toEqual([undefined, "Bearer t"]);
  });

  test("openRepository() asks for another token when one is refused, and once only", async () => {
    await using service = await tokenService();
    await using registry = await faultyRegistry({ authorize: service.authorize((token) => token >= "t2") });
    await expect(registry.repository.fetch(registry.image.layer)).rejects.toMatchObject({ kind: "unauthorized" });
    expect([service.seen.length, registry.requests.length]).toEqual([1, 2]);
    expect(await collect(await registry.repository.fetch(registry.image.layer))).toEqual(registry.layerBytes);
    expect(service.seen.length).toBe(2);
  });

  test("openRepository() asks once for requests that are refused at the same time", async () => {
    await using service = await tokenService();
    await using registry = await faultyRegistry({ authorize: service.authorize((token) => token === "t1") });
    await Promise.all(Array.from({ length: 10 }, () => registry.repository.resolve("v1")));
    expect(service.seen.length).toBe(1);
  });

  test("openRepository() asks for push and for the source of a mount", async () => {
    await using service = await tokenService(() => ({ token: "t" }));
    await using registry = await faultyRegistry({ authorize: service.authorize((token) => token === "t") });
    await registry.repository.push(descriptorOf("new"), pieces("new"));
    await registry.repository.mount(registry.image.layer, "elsewhere");
    const scopes = service.seen.map((request) => query(request).getAll("scope"));
    expect(scopes).toEqual([
      ["repository:team/app:pull"],
      ["repository:team/app:pull,push"],
      ["repository:team/app:pull,push", "repository:elsewhere:pull"],
    ]);
  });

  test("openRepository() asks a bounded number of times when every token is refused", async () => {
    await using service = await tokenService();
    await using registry = await faultyRegistry({ authorize: service.authorize(() => false) });
    for (let round = 1; round <= 3; round++) {
      await expect(registry.repository.fetch(registry.image.layer)).rejects.toMatchObject({ kind: "unauthorized" });
      expect(registry.requests.length).toBeLessThanOrEqual(2 * round);
      expect(service.seen.length).toBeLessThanOrEqual(2 * round);
    }
    const before = [registry.requests.length, service.seen.length];
    const many = Array.from({ length: 10 }, () =>
      registry.repository.fetch(registry.image.layer).catch(() => undefined),
    );
    await Promise.all(many);
    expect(registry.requests.length - (before[0] ?? 0)).toBeLessThanOrEqual(20);
    expect(service.seen.length - (before[1] ?? 0)).toBeLessThanOrEqual(20);
  });

  test("openRepository() does not wait to be refused for a second scope, nor for one that it has", async () => {
    await using service = await tokenService();
    await using registry = await faultyRegistry({ authorize: service.authorize((token) => token !== "") });
    await registry.repository.push(descriptorOf("new"), pieces("new"));
    const sent = registry.requests.length;
    await registry.repository.resolve("v1");
    await registry.repository.mount(registry.image.layer, "elsewhere");
    // One each: none of them was refused.
    expect(registry.requests.length - sent).toBe(2 + Number(registry.requests.at(-1)?.startsWith("DELETE") ?? false));
  });

  test("openRepository() does not follow a token service to another host with its password", async () => {
    await using elsewhere = await otherServer((_, response) => response.end('{"token":"t"}'));
    await using service = await otherServer((_, response) =>
      response.writeHead(302, { location: `${elsewhere.url}/token` }).end(),
    );
    await using registry = await faultyRegistry({
      authorize: ({ headers }) =>
        headers.authorization === "Bearer t" ? "allow" : { challenge: `Bearer realm="${service.url}"` },
      client: { credentials: async () => me },
    });
    await registry.repository.resolve("v1");
    expect([service.seen[0]?.headers.authorization, elsewhere.seen[0]?.headers.authorization]).toEqual([
      basicHeader,
      undefined,
    ]);
  });

  test("openRepository() does not send an identity token where only Basic is asked for", async () => {
    const sent: unknown[] = [];
    await using registry = await faultyRegistry({
      fault: ({ headers }) => sent.push(headers.authorization) === 0,
      authorize: () => ({ challenge: 'Basic realm="x"' }),
      client: { credentials: async () => ({ username: "", password: "", identityToken: "refresh" }) },
    });
    await expect(registry.repository.resolve("v1")).rejects.toMatchObject({ kind: "unauthorized" });
    expect(new Set(sent)).toEqual(new Set([undefined]));
  });

  test("openRepository() exchanges an identity token", async () => {
    let form = "";
    await using service = await otherServer(async (request, response) => {
      for await (const bytes of request) form += String(bytes);
      response.end('{"access_token":"t"}');
    });
    await using registry = await faultyRegistry({
      authorize: ({ headers }) =>
        headers.authorization === "Bearer t" ? "allow" : { challenge: `Bearer realm="${service.url}",service="r"` },
      client: { credentials: async () => ({ username: "", password: "", identityToken: "refresh" }) },
    });
    await registry.repository.resolve("v1");
    expect(Object.fromEntries(new URLSearchParams(form))).toMatchObject({
      grant_type: "refresh_token",
      refresh_token: "refresh",
      service: "r",
      scope: "repository:team/app:pull",
    });
  });

  test("openRepository() does not send an identity token on to where a token service redirects", async () => {
    await using elsewhere = await otherServer((_, response) => response.end('{"token":"t"}'));
    await using service = await otherServer((_, response) =>
      response.writeHead(307, { location: elsewhere.url }).end(),
    );
    await using registry = await faultyRegistry({
      authorize: () => ({ challenge: `Bearer realm="${service.url}"` }),
      client: { credentials: async () => ({ ...me, identityToken: "refresh" }) },
    });
    await expect(registry.repository.resolve("v1")).rejects.toMatchObject({ details: { status: 307 } });
    expect(elsewhere.seen).toEqual([]);
  });

  test.each([
    ["a wrong password", 401, '{"errors":[{"code":"UNAUTHORIZED","message":"no"}]}', "unauthorized"],
    ["a wrong password, said otherwise", 400, "{}", "unauthorized"],
    ["no permission", 403, "{}", "forbidden"],
    ["trouble", 500, "", "unavailable"],
    ["no JSON", 200, "<html>", "corrupt"],
    ["no token", 200, "{}", "corrupt"],
    ["too much", 200, `"${"x".repeat(300_000)}"`, "corrupt"],
  ])("openRepository() gives the error of a token service that answers with %s", async (_, code, body, kind) => {
    await using service = await otherServer((__, response) => response.writeHead(code).end(body));
    await using registry = await faultyRegistry({ authorize: () => ({ challenge: `Bearer realm="${service.url}"` }) });
    await expect(registry.repository.fetch(registry.image.layer)).rejects.toMatchObject({ kind });
  });

  test.each(["", "ftp://x/", "http://auth.example/token", "not a url"])(
    "openRepository() refuses the token service %j",
    async (realm) => {
      const credentials = async () => me;
      await using registry = await faultyRegistry({
        authorize: () => ({ challenge: `Bearer realm="${realm}"` }),
        client: { plainHttp: "loopback", credentials },
      });
      await expect(registry.repository.resolve("v1")).rejects.toMatchObject({ code: "registry.bad-realm" });
    },
  );

  test("openRepository() says forbidden when the registry denies", async () => {
    await using registry = await faultyRegistry({ authorize: () => "deny" });
    await expect(registry.repository.resolve("v1")).rejects.toMatchObject({
      kind: "forbidden",
      code: "registry.denied",
    });
  });
});

describe("openRepository() redirects", () => {
  test("fetch() takes a blob from another host, which sees no credentials", async () => {
    let bytes: Buffer = Buffer.alloc(0);
    await using store = await otherServer((_, response) => response.end(bytes));
    await using registry = await faultyRegistry({
      fault: (request, response) => {
        if (request.headers.authorization === undefined || !request.url?.includes("/blobs/")) return false;
        response.writeHead(307, { location: `${store.url}/signed?x=1` }).end();
        return true;
      },
      authorize: ({ headers }) => (headers.authorization === basicHeader ? "allow" : { challenge: 'Basic realm="x"' }),
      client: { credentials: async () => me },
    });
    bytes = registry.layerBytes;
    expect(await collect(await registry.repository.fetch(registry.image.layer))).toEqual(bytes);
    expect(store.seen.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  test("fetch() does not answer a challenge of another host", async () => {
    await using store = await otherServer((_, response) => {
      response.writeHead(401, { "www-authenticate": 'Basic realm="phish"' }).end();
    });
    await using registry = await faultyRegistry({
      fault: times(9, /^GET .*\/blobs\//, status(302, { location: `${store.url}/x` })),
      client: { credentials: async () => me },
    });
    await expect(registry.repository.fetch(registry.image.layer)).rejects.toMatchObject({ kind: "unauthorized" });
    expect(store.seen.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  test("fetch() gives up on a redirect loop", async () => {
    await using registry = await faultyRegistry({
      fault: (request, response) => {
        response.writeHead(307, { location: request.url }).end();
        return true;
      },
    });
    await expect(registry.repository.fetch(registry.image.layer)).rejects.toMatchObject({
      kind: "unavailable",
      code: "registry.bad-redirect",
    });
    expect(registry.requests.length).toBe(6);
  });

  test("push() uploads to another host without credentials", async () => {
    const bodies: string[] = [];
    await using store = await otherServer(async (request, response) => {
      let body = "";
      for await (const part of request) body += String(part);
      bodies.push(body);
      response.writeHead(201).end();
    });
    await using registry = await faultyRegistry({
      fault: (request, response) => {
        if (request.method !== "POST" || request.headers.authorization === undefined) return false;
        response.writeHead(202, { location: `${store.url}/upload?state=1` }).end();
        return true;
      },
      authorize: ({ headers }) => (headers.authorization === basicHeader ? "allow" : { challenge: 'Basic realm="x"' }),
      client: { credentials: async () => me },
    });
    await registry.repository.push(descriptorOf("hello"), pieces("hello"));
    expect(bodies).toEqual(["hello"]);
    expect(query(store.seen[0]).get("state")).toBe("1");
    expect(store.seen[0]?.headers.authorization).toBeUndefined();
  });
});
