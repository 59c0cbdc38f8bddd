import type { LoginCredentials } from "@galley/engine";
import { type AskedTerminal, askLine, askSecret } from "./ask.ts";
import { badValue } from "./flags/usage-error.ts";

/** What the command line says about who logs in. */
export interface GivenLogin {
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly "password-stdin": boolean;
}

const maxPasswordBytes = 1024 * 1024;

/** The name and password that the flags give, as far as they do. */
export async function givenCredentials(
  given: GivenLogin,
  input: AskedTerminal = process.stdin,
): Promise<Partial<LoginCredentials>> {
  const { username, password } = given;
  if (given["password-stdin"]) {
    if (password) throw badValue("can't specify both --password-stdin and --password");
    if (!username) throw badValue("must provide --username with --password-stdin");
    return { username, password: await readPassword(input) };
  }
  return { ...(username ? { username } : {}), ...(password ? { password } : {}) };
}

/** Asks for what is missing. `usual` is the name for those who just press return. */
export async function askForMissing(
  { username, password }: Partial<LoginCredentials>,
  usual: string | undefined,
  input: AskedTerminal = process.stdin,
): Promise<LoginCredentials> {
  if ((username === undefined || password === undefined) && !input.isTTY) {
    throw badValue(
      "cannot ask for a user name and a password: standard input is no terminal; use --username and --password-stdin",
    );
  }
  const name = username ?? ((await askLine(usual ? `Username (${usual}): ` : "Username: ", input)) || usual);
  if (!name) throw badValue("a user name is needed");
  const secret = password ?? (await askSecret("Password: ", input));
  if (!secret) throw badValue("a password is needed");
  return { username: name.trim(), password: secret };
}

/** All of standard input, without its line breaks. */
async function readPassword(input: AskedTerminal): Promise<string> {
  const parts: Buffer[] = [];
  let sizeBytes = 0;
  for await (const part of input) {
    sizeBytes += Buffer.from(part as Uint8Array).byteLength;
    if (sizeBytes > maxPasswordBytes) throw badValue("the password on standard input is too long");
    parts.push(Buffer.from(part as Uint8Array));
  }
  const password = Buffer.concat(parts).toString().replaceAll(/\r?\n/g, "");
  if (password === "") throw badValue("there is no password on standard input");
  return password;
}
