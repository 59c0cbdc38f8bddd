import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { on, onLayer, status } from "./faults.ts";
import { type FaultKind, succeeds } from "./kind.ts";
import type { Fault, World } from "./world.ts";

const unreachable = { kind: "unavailable", code: "registry.unreachable" } as const;
const badRedirect = { kind: "unavailable", code: "registry.bad-redirect" } as const;
const untrusted = { kind: "unavailable", code: "registry.untrusted-certificate" } as const;

const redirect =
  (to: (world: World) => string): Fault =>
  (request, response, world) =>
    status(307, { location: to(world) })(request, response, world);
const uploadAt =
  (to: (world: World) => string): Fault =>
  (request, response, world) =>
    status(202, { location: to(world) })(request, response, world);
const posts = /^POST .*\/uploads\//;
const puts = /^PUT .*\/uploads\//;

/** Faults of where things are: redirects, certificates, names, doors that are shut. */
export const placeKinds: readonly FaultKind[] = [
  {
    name: "redirect to another host",
    pull: { fault: () => onLayer(redirect(({ elsewhere }) => `${elsewhere}/blob`)), outcome: succeeds, resumes: true },
    push: {
      fault: () =>
        on(
          posts,
          uploadAt(({ elsewhere }) => `${elsewhere}/upload`),
        ),
      outcome: succeeds,
      resumes: true,
    },
  },
  {
    name: "chain of redirects",
    pull: {
      fault: () => onLayer(redirect(({ elsewhere }) => `${elsewhere}/hops/3`)),
      outcome: succeeds,
      resumes: true,
    },
  },
  {
    name: "chain of too many redirects",
    pull: { fault: () => onLayer(redirect(({ elsewhere }) => `${elsewhere}/hops/9`)), outcome: badRedirect },
    push: {
      fault: () =>
        on(
          posts,
          redirect(({ elsewhere }) => `${elsewhere}/hops/9`),
        ),
      outcome: { kind: "unavailable", code: "registry.failed" },
    },
  },
  {
    name: "redirect loop",
    pull: {
      fault: () =>
        onLayer((request, response) => status(302, { location: request.url ?? "" })(request, response, {} as World)),
      outcome: badRedirect,
    },
    push: {
      fault: () =>
        on(puts, (request, response) => status(307, { location: request.url ?? "" })(request, response, {} as World)),
      outcome: { kind: "unavailable", code: "registry.failed" },
    },
  },
  {
    name: "redirect to what is no address of the web",
    pull: { fault: () => onLayer(redirect(() => "file:///etc/passwd")), outcome: badRedirect },
    push: {
      fault: () =>
        on(
          posts,
          uploadAt(() => "file:///etc/passwd"),
        ),
      outcome: badRedirect,
    },
  },
  {
    name: "HTTP downgrade",
    pull: {
      fault: () => onLayer(redirect(({ elsewhere }) => `${elsewhere}/blob`)),
      outcome: badRedirect,
      tls: "untrusted",
      client: { tlsVerify: false },
    },
    push: {
      fault: () =>
        on(
          posts,
          uploadAt(({ elsewhere }) => `${elsewhere}/upload`),
        ),
      outcome: badRedirect,
      tls: "untrusted",
      client: { tlsVerify: false },
    },
  },
  {
    name: "untrusted certificate",
    pull: { fault: () => () => false, outcome: untrusted, tls: "untrusted", client: { tlsVerify: true } },
    push: { fault: () => () => false, outcome: untrusted, tls: "untrusted", client: { tlsVerify: true } },
  },
  {
    name: "expired certificate",
    pull: {
      fault: () => () => false,
      outcome: { ...untrusted, message: /expired/ },
      tls: "expired",
      client: { tlsVerify: true },
    },
    push: {
      fault: () => () => false,
      outcome: { ...untrusted, message: /expired/ },
      tls: "expired",
      client: { tlsVerify: true },
    },
  },
  {
    name: "plain HTTP where HTTPS must be",
    pull: { fault: () => () => false, outcome: unreachable, client: { tlsVerify: true } },
    push: { fault: () => () => false, outcome: unreachable, client: { tlsVerify: true } },
  },
  {
    name: "name that is not known",
    pull: { fault: () => () => false, outcome: unreachable, address: () => "registry.invalid" },
    push: { fault: () => () => false, outcome: unreachable, address: () => "registry.invalid" },
  },
  {
    name: "connection refused",
    pull: { fault: () => () => false, outcome: unreachable, address: () => "127.0.0.1:1" },
    push: { fault: () => () => false, outcome: unreachable, address: () => "127.0.0.1:1" },
  },
  {
    name: "connection refused at first",
    pull: { fault: () => () => false, outcome: succeeds, address: openingLater, resumes: true },
    push: { fault: () => () => false, outcome: succeeds, address: openingLater, resumes: true },
  },
];

/** An address where a door to the registry opens a little later. */
async function openingLater(world: World): Promise<string> {
  const find = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => find.once("listening", resolve));
  const { port } = find.address() as AddressInfo;
  await new Promise((resolve) => find.close(resolve));
  setTimeout(() => world.alsoListen(port), 30);
  return `127.0.0.1:${port}`;
}
