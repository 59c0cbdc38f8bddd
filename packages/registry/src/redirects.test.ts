import { describe, expect, test } from "vitest";
import type { Http, HttpRequest, Reply } from "./http.ts";
import { followRedirects, safeTarget } from "./redirects.ts";

/** Answers from a table of addresses; what is not in it is fine. */
function table(locations: Readonly<Record<string, string>>): Http & { readonly seen: HttpRequest[] } {
  const seen: HttpRequest[] = [];
  return {
    seen,
    async exchange(request) {
      seen.push(request);
      const location = locations[request.url.href];
      const header = (name: string) => (name === "location" ? location : undefined);
      return {
        status: location ? 307 : 200,
        url: request.url,
        header,
        drop: async () => {},
      } as Partial<Reply> as Reply;
    },
    async [Symbol.asyncDispose]() {},
  };
}

const get = (url: string): HttpRequest => ({
  method: "GET",
  url: new URL(url),
  headers: { authorization: "Bearer secret", range: "bytes=5-" },
});

describe("followRedirects()", () => {
  test("followRedirects() keeps credentials on the same origin, and the range everywhere", async () => {
    const http = table({ "https://a/x": "/y", "https://a/y": "https://b/z", "https://b/z": "https://a/x2" });
    const reply = await followRedirects(http, get("https://a/x"), {});
    expect(reply.url.href).toBe("https://a/x2");
    expect(http.seen.map(({ url, headers }) => [url.href, headers?.["authorization"], headers?.["range"]])).toEqual([
      ["https://a/x", "Bearer secret", "bytes=5-"],
      ["https://a/y", "Bearer secret", "bytes=5-"],
      ["https://b/z", undefined, "bytes=5-"],
      // What has been taken off is not put on again, even where it came from.
      ["https://a/x2", undefined, "bytes=5-"],
    ]);
  });

  test.each(["https://b/x", "https://a:444/x", "https://sub.a/x"])(
    "followRedirects() takes credentials off on the way to %s",
    async (target) => {
      const http = table({ "https://a/x": target });
      await followRedirects(http, get("https://a/x"), {});
      expect(http.seen[1]?.headers).toEqual({ range: "bytes=5-" });
    },
  );

  test("followRedirects() gives up on a loop", async () => {
    const http = table({ "https://a/x": "https://a/y", "https://a/y": "https://a/x" });
    await expect(followRedirects(http, get("https://a/x"), {})).rejects.toMatchObject({
      code: "registry.bad-redirect",
    });
    expect(http.seen.length).toBe(6);
  });

  test("followRedirects() sends a body to one place only", async () => {
    const http = table({ "https://a/x": "https://b/x" });
    const reply = await followRedirects(http, { ...get("https://a/x"), method: "POST", body: "secret" }, {});
    expect([reply.status, http.seen.length]).toEqual([307, 1]);
  });
});

test.each([
  ["https://a/x", "http://a/x"],
  ["https://a/x", "http://127.0.0.1/x"],
  ["http://127.0.0.1/x", "http://evil.example/x"],
  ["https://a/x", "file:///etc/passwd"],
  ["https://a/x", "javascript:0"],
  ["https://a/x", "https://"],
])("safeTarget() refuses to go from %s to %s", (from, to) => {
  expect(() => safeTarget(new URL(from), to, {})).toThrow(
    expect.objectContaining({ kind: "unavailable", code: "registry.bad-redirect" }),
  );
});

test("safeTarget() goes on to plain HTTP only where that is allowed", () => {
  const from = new URL("http://127.0.0.1:5000/x");
  expect(safeTarget(from, "http://localhost/y", {}).href).toBe("http://localhost/y");
  expect(safeTarget(from, "http://store.example/y", { tlsVerify: false }).href).toBe("http://store.example/y");
  expect(safeTarget(from, "https://store.example/y", {}).href).toBe("https://store.example/y");
});
