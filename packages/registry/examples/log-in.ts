import { mkdtempSync, rmSync } from "node:fs";
import { credentialsFromAuthFiles, openRegistry, readTextFile, saveCredentials, verifyLogin } from "@galley/registry";
import { createMemoryStore, htpasswdAccess, serveRegistry } from "@galley/registry-server";

// A registry that wants to know who is there: user "me", password "secret".
const htpasswd = "me:$2b$04$CCCCCCCCCCCCCCCCCCCCC.4K7lyz.nKATbsiu/RcZjqWyDNnj87qG";
await using server = await serveRegistry({ store: createMemoryStore(), authorize: htpasswdAccess(htpasswd) });

const folder = mkdtempSync("/tmp/galley-example-");
const files = { readFile: readTextFile, environment: process.env, authFilePath: `${folder}/auth.json` };
await saveCredentials(files, server.address, { username: "me", password: "secret" });

await using registry = openRegistry(server.address, { credentials: credentialsFromAuthFiles(files) });
await verifyLogin(registry);
console.log("Login Succeeded!");
rmSync(folder, { recursive: true });
