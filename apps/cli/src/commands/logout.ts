import {
  checkLogin,
  findLogin,
  type LoginPlace,
  type LoginTarget,
  loginTarget,
  logOut,
  logOutOfAll,
} from "@galley/engine";
import { isGalleyError } from "@galley/spec";
import { defineCommand } from "../command.ts";
import { text, toggle, value } from "../flags/flag.ts";
import { badValue } from "../flags/usage-error.ts";
import { checkLoginFile, loginPlaceOf } from "../login-place.ts";
import { print } from "../output/print.ts";

export const command = defineCommand({
  usage: "[REGISTRY]",
  description:
    "Forgets the user name and password for a registry. Without a registry, the first that registries.conf searches; docker.io when it names none.",
  example: "galley logout quay.io",
  atMost: 1,
  flags: {
    all: toggle("Forget all registries", { short: "a" }),
    authfile: value("PATH", "The file that the logins are in", text),
    "compat-auth-file": value("PATH", "The file that the logins are in, written as Docker does", text),
  },
  async run({ flags, words }) {
    const place = loginPlaceOf(flags);
    checkLoginFile(place);
    if (flags.all) {
      if (words.length > 0) throw badValue("--all takes no arguments");
      await logOutOfAll(place);
      return print("Removed login credentials for all registries");
    }
    const target = await loginTarget(words[0], place);
    if (await logOut(target, place)) return print(`Removed login credentials for ${target.key}`);
    if (!(await isLoggedInElsewhere(target, place))) throw badValue(`not logged into ${target.key}`);
    const where = "Existing credentials were established via docker login. Please use docker logout instead.";
    await print(`Not logged into ${target.key} with current tool. ${where}`);
  },
});

/** In a file that is only read here. */
async function isLoggedInElsewhere(target: LoginTarget, place: LoginPlace): Promise<boolean> {
  const known = await findLogin(target, place);
  if (!known?.username || !known.password) return false;
  try {
    await checkLogin(target, known, place);
    return true;
  } catch (error) {
    if (isGalleyError(error)) return false;
    throw error;
  }
}
