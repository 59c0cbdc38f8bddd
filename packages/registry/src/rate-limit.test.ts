import { expect, test } from "vitest";
import { describeRateLimit, parseRateLimit } from "./rate-limit.ts";

const parse = (headers: Record<string, string>) => parseRateLimit((name) => headers[name]);

test("parseRateLimit() reads what Docker Hub sends", () => {
  const limit = parse({
    "ratelimit-limit": "100;w=21600",
    "ratelimit-remaining": "0;w=21600",
    "docker-ratelimit-source": "203.0.113.7\u0007",
  });
  expect(limit).toEqual({ limit: 100, remaining: 0, windowSeconds: 21_600, source: "203.0.113.7" });
  expect(describeRateLimit(limit ?? {})).toBe("limit 100 in 6 h, 0 left, counted for 203.0.113.7");
});

test.each([
  [{ "ratelimit-limit": "5" }, "limit 5"],
  [{ "ratelimit-limit": "5; w=120" }, "limit 5 in 2 min"],
  [{ "ratelimit-limit": "5;w=61", "ratelimit-remaining": "3" }, "limit 5 in 61 s, 3 left"],
  [{ "ratelimit-remaining": "3" }, "3 left"],
])("describeRateLimit() tells %j as %s", (headers, words) => {
  expect(describeRateLimit(parse(headers as Record<string, string>) ?? {})).toBe(words);
});

test("parseRateLimit() finds nothing in nothing and in nonsense", () => {
  expect(parse({})).toBeUndefined();
  expect(parse({ "ratelimit-limit": "many", "docker-ratelimit-source": "x" })).toBeUndefined();
});
