import { expect, test } from "vitest";
import { createTokenCache } from "./token-cache.ts";

const token = (value: string, lifeMs = 60_000) => Promise.resolve({ value, expiresMs: performance.now() + lifeMs });

test("createTokenCache() finds a token that allows more than what is needed", async () => {
  const cache = createTokenCache();
  cache.keep(["repository:a:pull,push"], token("t"));
  expect(await cache.find(["repository:a:pull"])).toMatchObject({ value: "t" });
  expect(await cache.find([])).toMatchObject({ value: "t" });
  expect(cache.find(["repository:a:pull", "repository:b:pull"])).toBeUndefined();
});

test("createTokenCache() forgets what has expired, was refused or could not be had", async () => {
  const cache = createTokenCache();
  cache.keep(["repository:a:pull"], token("old", -1));
  cache.keep(["repository:b:pull"], token("refused"));
  cache.keep(["repository:c:pull"], Promise.reject(new Error("no")));
  await new Promise(setImmediate);
  cache.drop("refused");
  for (const name of ["a", "b", "c"]) expect(cache.find([`repository:${name}:pull`])).toBeUndefined();
});

test("createTokenCache() holds a bounded number", async () => {
  const cache = createTokenCache();
  for (let count = 0; count < 100; count++) cache.keep([`repository:r${count}:pull`], token(`t${count}`));
  expect(cache.find(["repository:r0:pull"])).toBeUndefined();
  expect(await cache.find(["repository:r99:pull"])).toMatchObject({ value: "t99" });
});
