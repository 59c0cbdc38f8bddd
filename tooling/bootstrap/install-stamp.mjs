import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const workspaceFolders = ["packages", "apps", "tooling"];

/** The files an install depends on. */
function inputs(root) {
  const manifests = workspaceFolders
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name, "package.json")));
  return ["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json", ...manifests.sort()].filter((path) =>
    existsSync(join(root, path)),
  );
}

function digest(root) {
  const hash = createHash("sha256").update(`${root}\n${process.arch}\n`);
  for (const path of inputs(root)) hash.update(`${path}\n`).update(readFileSync(join(root, path)));
  return hash.digest("hex");
}

const stampPath = (root) => join(root, "node_modules/.installed-from");

/** Whether node_modules is what the lock file and every package.json ask for now. */
export function installStamp(root) {
  const path = stampPath(root);
  return { current: existsSync(path) && readFileSync(path, "utf8") === digest(root) };
}

/** Remembers that an install for the present files went through. */
export function recordInstall(root) {
  writeFileSync(stampPath(root), digest(root));
}
