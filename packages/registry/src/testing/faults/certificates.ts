import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Why there are no certificates; undefined when they can be made. */
export const missingOpenssl = spawnSync("openssl", ["version"]).error ? "openssl is not installed" : undefined;

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** A key and a certificate for 127.0.0.1 that signs itself, for so many days from now; negative when it is expired. */
export function selfSigned(days: number): Certificate {
  const folder = mkdtempSync(join(tmpdir(), "galley-tls-"));
  const run = (...given: string[]): unknown => execFileSync("openssl", given, { stdio: "ignore", cwd: folder });
  writeFileSync(join(folder, "names"), "subjectAltName=IP:127.0.0.1\n");
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "key.pem"];
  run("req", ...key, "-subj", "/CN=localhost", "-out", "request.pem");
  const names = ["-extfile", "names", "-days", `${days}`];
  run("x509", "-req", "-in", "request.pem", "-signkey", "key.pem", ...names, "-out", "cert.pem");
  const read = (name: string): string => readFileSync(join(folder, name), "utf8");
  const made = { key: read("key.pem"), cert: read("cert.pem") };
  rmSync(folder, { recursive: true });
  return made;
}
