import {
  acrUser,
  type FakeRegistry,
  type Origin,
  requestsWith,
  requestsWithCredentials,
  seedImage,
  startAcr,
  startDockerHub,
  startEcr,
  startGcr,
  startGhcr,
  startQuay,
  startRedHatAccess,
  startRedHatRegistry,
} from "@galley/testing-registries";
import { describe, expect, test } from "vitest";
import type { Credentials, RegistryOptions } from "./options.ts";
import { openRegistry } from "./registry.ts";
import { openRepository, type Repository } from "./repository.ts";
import { collect, describe as descriptorOf, pieces } from "./testing/image.ts";
import { verifyLogin } from "./verify-login.ts";

/** The registries that the world uses, as they document themselves. */

const quick: RegistryOptions = { plainHttp: "always", retry: { attempts: 2, baseDelayMs: 1, maxDelayMs: 2 } };
const me = { username: "me", password: "s3cret-pass" };

function open(registry: FakeRegistry, name: string, credentials?: Credentials): Repository {
  const lookup = credentials && { credentials: async () => credentials };
  return openRepository(`${registry.address}/${name}`, { ...quick, ...lookup });
}

/** Pulls manifest and layer and checks them. */
async function pull(registry: FakeRegistry, name: string, credentials?: Credentials): Promise<void> {
  const image = await seedImage(registry.store, name, "v1");
  await using repository = open(registry, name, credentials);
  const { descriptor } = await repository.fetchManifest("v1");
  expect(descriptor.digest).toBe(image.manifest.digest);
  const bytes = await collect(await repository.fetch(image.layer));
  expect(Buffer.compare(bytes, image.layerBytes)).toBe(0);
}

async function push(registry: FakeRegistry, name: string, credentials?: Credentials): Promise<void> {
  await using repository = open(registry, name, credentials);
  await repository.push(descriptorOf("pushed"), pieces("pushed"));
}

async function login({ address }: FakeRegistry, credentials: Credentials): Promise<void> {
  await using registry = openRegistry(address, { ...quick, credentials: async () => credentials });
  await verifyLogin(registry);
}

/** Where blobs are, nobody's credentials may ever come. */
function expectClean(registry: FakeRegistry): void {
  expect(registry.storage.seen.length).toBeGreaterThan(0);
  expect(requestsWithCredentials(registry.storage)).toEqual([]);
}

const paths = ({ seen }: Origin) => seen.map(({ method, url }) => `${method} ${new URL(url, "http://x").pathname}`);

describe("Docker Hub", () => {
  const options = { accounts: { me: me.password }, privateRepositories: ["me/private"] };

  test("openRepository() pulls without an account, with a token for every repository", async () => {
    await using hub = await startDockerHub(options);
    await pull(hub, "library/alpine");
    const [asked] = hub.tokenService.seen;
    const query = new URL(asked?.url ?? "", "http://x").searchParams;
    expect([query.get("service"), query.getAll("scope")]).toEqual([
      "registry.docker.io",
      ["repository:library/alpine:pull"],
    ]);
    expect([asked?.headers.authorization, hub.tokenService.seen.length]).toEqual([undefined, 1]);
    expectClean(hub);
  });

  test("openRepository() shows its password to the token service alone", async () => {
    await using hub = await startDockerHub(options);
    await pull(hub, "me/private", me);
    await push(hub, "me/private", me);
    expect(requestsWith(hub, me.password)).toEqual([]);
    expect(requestsWith(hub.storage, me.password)).toEqual([]);
    expect(requestsWith(hub.tokenService, me.password).length).toBe(hub.tokenService.seen.length);
    expectClean(hub);
  });

  test("openRepository() uses the token of a push for what it reads on the way", async () => {
    await using hub = await startDockerHub(options);
    await using repository = open(hub, "me/app", me);
    await repository.push(descriptorOf("one"), pieces("one"));
    const before = hub.tokenService.seen.length;
    await repository.exists(descriptorOf("one"));
    await repository.push(descriptorOf("two"), pieces("two"));
    expect(hub.tokenService.seen.length).toBe(before);
  });

  test("openRepository() exchanges an identity token, which only the token service sees", async () => {
    await using hub = await startDockerHub({ ...options, identityTokens: { me: "refresh-me" } });
    await pull(hub, "me/private", { username: "", password: "", identityToken: "refresh-me" });
    expect(paths(hub.tokenService)).toEqual(["POST /token"]);
    expect(requestsWith(hub, "refresh-me")).toEqual([]);
    expectClean(hub);
  });

  test("openRepository() says unauthorized for a private repository, after a few requests", async () => {
    await using hub = await startDockerHub(options);
    await seedImage(hub.store, "me/private", "v1");
    await using repository = open(hub, "me/private");
    await expect(repository.fetchManifest("v1")).rejects.toMatchObject({ kind: "unauthorized" });
    expect(hub.seen.length + hub.tokenService.seen.length).toBeLessThanOrEqual(4);
    await expect(push(hub, "library/alpine")).rejects.toMatchObject({ kind: "unauthorized" });
  });

  test("openRepository() goes on when its token has expired early", async () => {
    await using hub = await startDockerHub(options);
    const image = await seedImage(hub.store, "library/alpine", "v1");
    await using repository = open(hub, "library/alpine");
    await repository.resolve("v1");
    hub.tokens.expireAll();
    await collect(await repository.fetch(image.layer));
    expect(hub.tokens.given.length).toBe(2);
  });

  test("openRepository() tells the limit on pulls with how much it is", async () => {
    await using hub = await startDockerHub({ ...options, anonymousPulls: 1 });
    await seedImage(hub.store, "library/alpine", "v1");
    await using repository = open(hub, "library/alpine");
    await repository.fetchManifest("v1");
    await expect(repository.fetchManifest("v1")).rejects.toMatchObject({
      kind: "unavailable",
      code: "registry.too-many-requests",
      message: expect.stringMatching(/pull rate limit.*limit 1 in 6 h, 0 left, counted for 127\.0\.0\.1/),
    });
    await using known = open(hub, "library/alpine", me);
    for (let count = 0; count < 3; count++) await known.fetchManifest("v1");
  });

  test("verifyLogin() tells a right password from a wrong one", async () => {
    await using hub = await startDockerHub(options);
    await login(hub, me);
    const wrong = login(hub, { ...me, password: "wr0ng" });
    await expect(wrong).rejects.toMatchObject({
      kind: "unauthorized",
      message: `logging into "${hub.address}": invalid username/password`,
      cause: { message: expect.stringContaining("incorrect username or password") },
    });
    await expect(wrong).rejects.not.toThrow("wr0ng");
  });
});

describe("Quay", () => {
  const robot = { username: "team+robot", password: "robot-t0ken" };
  const options = { accounts: { "team+robot": robot.password }, privateRepositories: ["team/app", "other/app"] };

  test("openRepository() pulls and pushes with a robot account", async () => {
    await using quay = await startQuay(options);
    await pull(quay, "team/app", robot);
    await push(quay, "team/app", robot);
    expect(requestsWith(quay, robot.password).map(({ url }) => url.split("?", 1)[0])).toContain("/v2/auth");
    expect(requestsWith(quay, robot.password).every(({ url }) => url.startsWith("/v2/auth"))).toBe(true);
    expectClean(quay);
  });

  test("openRepository() repeats Quay's words when the robot sees another team", async () => {
    await using quay = await startQuay(options);
    await seedImage(quay.store, "other/app", "v1");
    await using repository = open(quay, "other/app", robot);
    await expect(repository.fetchManifest("v1")).rejects.toMatchObject({
      kind: "unauthorized",
      message: expect.stringContaining("access to the requested resource is not authorized"),
    });
  });

  test("verifyLogin() knows robots", async () => {
    await using quay = await startQuay(options);
    await login(quay, robot);
    await expect(login(quay, { ...robot, username: "team+other" })).rejects.toMatchObject({
      cause: { message: expect.stringContaining("Could not find robot with username: team+other") },
    });
  });
});

describe("Red Hat", () => {
  test("openRepository() pulls from the open registry without ever telling who it is", async () => {
    await using registry = await startRedHatAccess();
    await pull(registry, "ubi9/ubi", me);
    expect(requestsWithCredentials(registry)).toEqual([]);
    expectClean(registry);
  });

  test("openRepository() logs in to the customers' registry", async () => {
    await using registry = await startRedHatRegistry({ accounts: { me: me.password } });
    await pull(registry, "rhel9/toolbox", me);
    expect(requestsWith(registry, me.password)).toEqual([]);
    expectClean(registry);
    await using nobody = open(registry, "rhel9/toolbox");
    await expect(nobody.fetchManifest("v1")).rejects.toMatchObject({
      kind: "unauthorized",
      message: expect.stringContaining("Please login to the Red Hat Registry"),
    });
    await login(registry, me);
    await expect(login(registry, { ...me, password: "" })).rejects.toMatchObject({ kind: "unauthorized" });
  });
});

describe("ECR", () => {
  test("openRepository() pulls and pushes as AWS, and the storage sees nothing of it", async () => {
    await using ecr = await startEcr({ repositories: ["team/app"] });
    const aws = { username: "AWS", password: ecr.newPassword() };
    await pull(ecr, "team/app", aws);
    await push(ecr, "team/app", aws);
    await login(ecr, aws);
    expectClean(ecr);
  });

  test("openRepository() says what to do when the password has expired", async () => {
    await using ecr = await startEcr({ repositories: ["team/app"] });
    const aws = { username: "AWS", password: ecr.newPassword() };
    ecr.expireAll();
    await using repository = open(ecr, "team/app", aws);
    await expect(repository.fetchManifest("v1")).rejects.toMatchObject({
      kind: "forbidden",
      message: expect.stringContaining("Your authorization token has expired"),
    });
    await expect(login(ecr, aws)).rejects.toMatchObject({ code: "registry.login-refused" });
  });

  test("openRepository() says unauthorized without a password, and not-found for a repository nobody made", async () => {
    await using ecr = await startEcr({ repositories: [] });
    await expect(push(ecr, "team/app")).rejects.toMatchObject({ kind: "unauthorized" });
    await expect(push(ecr, "team/app", { username: "AWS", password: ecr.newPassword() })).rejects.toMatchObject({
      code: "registry.name-unknown",
    });
  });
});

describe("GCR", () => {
  const key = JSON.stringify({ type: "service_account", private_key: "-----BEGIN:\n+/=é-----\n" }, undefined, 2);
  const options = { accounts: { _json_key: key, oauth2accesstoken: "ya29.t0ken" }, privateRepositories: ["p/app"] };

  test.each([
    ["_json_key", key],
    ["oauth2accesstoken", "ya29.t0ken"],
  ])("openRepository() pulls and pushes as %s", async (username, password) => {
    await using gcr = await startGcr(options);
    await pull(gcr, "p/app", { username, password });
    await push(gcr, "p/app", { username, password });
    await login(gcr, { username, password });
    expectClean(gcr);
  });

  test("openRepository() lists tags where the answer says more than tags", async () => {
    await using gcr = await startGcr(options);
    await seedImage(gcr.store, "open/app", "v1");
    await using repository = open(gcr, "open/app");
    const tags: string[] = [];
    for await (const tag of repository.tags()) tags.push(tag);
    expect(tags).toEqual(["v1"]);
  });
});

describe("ACR", () => {
  const refreshTokens = ["acr-refresh"];

  test("openRepository() exchanges the identity token that a credential helper gave", async () => {
    await using acr = await startAcr({ refreshTokens });
    const credentials = { username: "", password: "", identityToken: "acr-refresh" };
    await pull(acr, "app", credentials);
    await push(acr, "app", credentials);
    await login(acr, credentials);
    expect(requestsWith(acr, "acr-refresh").every(({ url }) => url === "/oauth2/token")).toBe(true);
    expectClean(acr);
  });

  test("openRepository() takes the refresh token as a password, too", async () => {
    await using acr = await startAcr({ refreshTokens });
    await pull(acr, "app", { username: acrUser, password: "acr-refresh" });
    await using repository = open(acr, "app", { username: acrUser, password: "other" });
    await expect(repository.fetchManifest("v1")).rejects.toMatchObject({ kind: "unauthorized" });
  });
});

describe("GHCR", () => {
  const options = { accounts: { me: me.password }, privateRepositories: ["me/private"] };

  test("openRepository() pulls with and without an account", async () => {
    await using ghcr = await startGhcr(options);
    await pull(ghcr, "open/app");
    await pull(ghcr, "me/private", me);
    await push(ghcr, "me/private", me);
    expect(requestsWith(ghcr, me.password).every(({ url }) => url.startsWith("/token"))).toBe(true);
    expectClean(ghcr);
  });

  test("openRepository() tells no account from a wrong one", async () => {
    await using ghcr = await startGhcr(options);
    await seedImage(ghcr.store, "me/private", "v1");
    await using nobody = open(ghcr, "me/private");
    await expect(nobody.fetchManifest("v1")).rejects.toMatchObject({ kind: "unauthorized" });
    await using wrong = open(ghcr, "me/private", { ...me, password: "old" });
    await expect(wrong.fetchManifest("v1")).rejects.toMatchObject({ kind: "forbidden", code: "registry.denied" });
  });

  test("openRepository() gives GitHub's words for a token that allows too little", async () => {
    await using ghcr = await startGhcr(options);
    await expect(push(ghcr, "open/app")).rejects.toMatchObject({
      kind: "forbidden",
      message: expect.stringContaining("permission_denied"),
    });
  });

  test("verifyLogin() asks for the scope of an example, if that is what it is told", async () => {
    await using ghcr = await startGhcr(options);
    await login(ghcr, me);
    await expect(login(ghcr, { ...me, password: "old" })).rejects.toMatchObject({ code: "registry.login-refused" });
  });
});
