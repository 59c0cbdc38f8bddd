import { checkLogin, findLogin, type LoginPlace, type LoginTarget, logIn, loginTarget } from "@galley/engine";
import { isGalleyError } from "@galley/spec";
import { defineCommand } from "../command.ts";
import { text, toggle, value } from "../flags/flag.ts";
import { badValue } from "../flags/usage-error.ts";
import { askForMissing, givenCredentials } from "../login-credentials.ts";
import { loginPlaceOf } from "../login-place.ts";
import { print } from "../output/print.ts";
import { registryFlags } from "../registry-flags/registry-flags.ts";

const { "cert-dir": certDir, "tls-verify": tlsVerify } = registryFlags;

export const command = defineCommand({
  usage: "[REGISTRY]",
  description:
    "Asks a registry whether it takes a user name and a password, and keeps them for later. Without a registry, the first that registries.conf searches; docker.io when it names none.",
  example: "galley login --username me quay.io",
  atMost: 1,
  flags: {
    username: value("NAME", "The user", text, { short: "u" }),
    password: value("PASSWORD", "The password; others on this machine may see it, better --password-stdin", text, {
      short: "p",
    }),
    "password-stdin": toggle("Read the password from standard input"),
    authfile: value("PATH", "Keep the login in this file", text),
    "compat-auth-file": value("PATH", "Keep the login in this file, as Docker does", text),
    "get-login": toggle("Only print the user who is logged in"),
    verbose: toggle("Say where the login is kept", { short: "v" }),
    "cert-dir": certDir,
    "tls-verify": tlsVerify,
  },
  async run({ flags, words }) {
    const place = loginPlaceOf(flags);
    const target = await loginTarget(words[0], place);
    const known = await findLogin(target, place);
    if (flags["get-login"]) return showLogin(target, known?.username);
    if (known?.identityToken !== undefined) throw badValue("currently logged in, auth file contains an Identity token");
    const given = await givenCredentials(flags);
    const nothingGiven = given.username === undefined && given.password === undefined;
    if (nothingGiven && known?.username && known.password && (await isStillGood(target, known, place))) return;
    const credentials = await askForMissing(given, known?.username);
    const where = await logIn(target, credentials, place);
    if (flags.verbose) await print(`Used:  ${where}`);
    await print("Login Succeeded!");
  },
});

function showLogin({ key }: LoginTarget, username: string | undefined): void | Promise<void> {
  if (!username) throw badValue(`not logged into ${key}`);
  return print(username);
}

async function isStillGood(
  target: LoginTarget,
  known: { readonly username: string; readonly password: string },
  place: LoginPlace,
): Promise<boolean> {
  await print(`Authenticating with existing credentials for ${target.key}`);
  try {
    await checkLogin(target, known, place);
    await print(`Existing credentials are valid. Already logged in to ${target.domain}`);
    return true;
  } catch (error) {
    if (!isGalleyError(error, "unauthorized")) throw error;
    await print("Existing credentials are invalid, please enter valid username and password");
    return false;
  }
}
