import { randomBytes } from "node:crypto";
import { errors, type FakeRegistry, startFakeRegistry } from "./fake-registry.ts";
import { readBasic } from "./origin.ts";

export interface Ecr extends FakeRegistry {
  /** A password for the user `AWS`, which the cloud's API would give, good for twelve hours. */
  newPassword(): string;
  /** The twelve hours are over for all. */
  expireAll(): void;
}

/**
 * Like Amazon's registry: Basic with the user `AWS` and a long password that expires, 401 in plain text, 403 once it has
 * expired, repositories that must have been made before a push, no catalog, blobs on another host.
 */
export async function startEcr({ repositories = [] as readonly string[] } = {}): Promise<Ecr> {
  const passwords = new Map<string, boolean>();
  const registry = await startFakeRegistry({
    blobRedirect: 307,
    async answer(request, { kind, repository }, { url }) {
      const { user, password = "" } = readBasic(request) ?? {};
      if (user !== "AWS" || !passwords.has(password)) {
        const challenge = `Basic realm="${url}/",service="ecr.amazonaws.com"`;
        return { status: 401, headers: { "www-authenticate": challenge }, body: "Not Authorized\n" };
      }
      const expired = "Your authorization token has expired. Reauthenticate and try again.";
      if (passwords.get(password) === false) return { status: 403, body: errors("DENIED", expired) };
      if (kind === "catalog") return { status: 404, body: "Not Found\n" };
      if (repository === "" || repositories.includes(repository)) return undefined;
      const message = `The repository with name '${repository}' does not exist in the registry with id '123456789012'`;
      return { status: 404, body: errors("NAME_UNKNOWN", message) };
    },
  });
  return {
    ...registry,
    newPassword() {
      // As long as the real ones, which are more than a kilobyte.
      const password = randomBytes(1200).toString("base64");
      passwords.set(password, true);
      return password;
    },
    expireAll() {
      for (const password of passwords.keys()) passwords.set(password, false);
    },
  };
}
