import { execFileSync } from "node:child_process";
import { decodeName } from "@galley/spec";

/** Extended attributes by path, "." for the root; values that are printable text as such, others in hexadecimal. */
export type AttributesByPath = ReadonlyMap<string, Readonly<Record<string, string>>>;

/** All that getfattr(1) finds in a tree; links are not followed. Labels are the host's and are left out. */
export function readAttributes(hostPath: string): AttributesByPath {
  const flags = ["-R", "-P", "-h", "-d", "-m", "-", "-e", "hex", "--", "."];
  const output = execFileSync("getfattr", flags, {
    cwd: hostPath,
    maxBuffer: 2 ** 28,
    env: { ...process.env, LC_ALL: "C" },
  });
  const found = new Map<string, Record<string, string>>();
  for (const block of output.toString("latin1").split("\n\n")) {
    const [head = "", ...lines] = block.split("\n");
    const attributes = Object.fromEntries(
      lines
        .filter((line) => line.includes("="))
        .sort()
        .map(attribute),
    );
    delete attributes["security.selinux"];
    if (head !== "" && Object.keys(attributes).length > 0)
      found.set(unquoted(head.slice("# file: ".length)), attributes);
  }
  return found;
}

function attribute(line: string): [name: string, value: string] {
  const at = line.indexOf("=");
  const hex = line.slice(at + 1);
  const text = Buffer.from(hex.slice(2), "hex").toString("latin1");
  return [unquoted(line.slice(0, at)), /^[\x20-\x7e]*$/.test(text) ? text : hex];
}

/** getfattr writes backslashes and what is not printable in octal. */
function unquoted(text: string): string {
  const bytes = text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
  return decodeName(Buffer.from(bytes, "latin1"));
}
