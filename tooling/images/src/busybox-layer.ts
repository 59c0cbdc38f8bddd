import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { findProgram } from "./missing-programs.ts";
import { type LayerEntry, tarLayer } from "./tar-layer.ts";

const folders: readonly LayerEntry[] = [
  "bin",
  "dev",
  "etc",
  "home",
  "proc",
  "root",
  "sys",
  "usr",
  "usr/bin",
  "var",
].map((name) => ({ name, type: "directory", mode: name === "root" ? 0o700 : 0o755 }));

const accounts: readonly LayerEntry[] = [
  { name: "etc/passwd", mode: 0o644, content: "root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/home/user:/bin/sh\n" },
  { name: "etc/group", mode: 0o644, content: "root:x:0:\nuser:x:1000:\n" },
  { name: "tmp", type: "directory", mode: 0o1777 },
  { name: "home/user", type: "directory", mode: 0o755, uid: 1000, gid: 1000 },
];

/** A root file system of Debian's static busybox with all its applets in /bin, as one uncompressed tar. */
export function busyboxLayer(more: readonly LayerEntry[] = []): Promise<Buffer> {
  const busybox = findProgram("busybox");
  if (busybox === undefined) throw new Error("no busybox on this machine (Debian: busybox-static)");
  const applets = execFileSync(busybox, ["--list"], { encoding: "utf8" }).trim().split("\n");
  const links = applets
    .filter((applet) => applet !== "busybox")
    .map((applet): LayerEntry => ({ name: `bin/${applet}`, type: "symlink", linkname: "busybox", mode: 0o777 }));
  const program: LayerEntry = { name: "bin/busybox", mode: 0o755, content: readFileSync(busybox) };
  return tarLayer([...folders, ...accounts, program, ...links, ...more]);
}
