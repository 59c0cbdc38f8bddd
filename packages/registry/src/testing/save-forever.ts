import { readTextFile } from "../read-text-file.ts";
import { saveCredentials } from "../save-credentials.ts";

/** Saves one login after another in the file that is named, until it is killed. Says what is saved. */
const [authFilePath = "", prefix = ""] = process.argv.slice(2);
for (let count = 0; ; count++) {
  const key = `${prefix}${count % 5}.example`;
  const password = `${count}`.repeat(1 + (count % 50));
  await saveCredentials({ readFile: readTextFile, environment: {}, authFilePath }, key, { username: "me", password });
  process.stdout.write(`${key}\n`);
}
