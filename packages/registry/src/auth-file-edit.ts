import { constants } from "node:fs";
import { lstat, mkdir, open, readlink, rename, rm, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { galleyError, wrapError } from "@galley/spec";
import { badAuthFile, type JsonObject, parseAuthDocument } from "./auth-file.ts";
import { withAuthFileLock } from "./auth-file-lock.ts";
import { maxAuthFileLinks } from "./limits.ts";
import { readTextFile } from "./read-text-file.ts";

/** Gives the new document; the same one when nothing is to be written. */
export type AuthEdit = (document: JsonObject) => JsonObject | Promise<JsonObject>;

/**
 * Changes an auth file as a whole or not at all: the new text is written beside it, readable by its owner alone, and takes
 * its name. What the edit leaves alone stays as it is. Where several edit at once, each sees what the ones before it made.
 */
export async function editAuthFile(path: string, edit: AuthEdit): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const target = await behindLinks(path);
    await withAuthFileLock(target, () => editLocked(path, target, edit));
  } catch (cause) {
    throw wrapError(`write ${path}`, cause);
  }
}

/** Other programs do not know our lock: when one has written in the meantime, the edit is made again on what it wrote. */
async function editLocked(path: string, target: string, edit: AuthEdit): Promise<void> {
  for (;;) {
    const before = await readTextFile(target);
    const document = before === undefined ? {} : parseAuthDocument(path, before);
    const edited = await edit(document);
    if (edited === document) return;
    if (await replace(target, `${JSON.stringify(edited, undefined, "\t")}\n`, before)) return;
  }
}

async function replace(target: string, text: string, before: string | undefined): Promise<boolean> {
  // Of one name, which the lock makes ours: what a killed process left there, secrets and all, does not stay.
  const fresh = `${target}.new`;
  await rm(fresh, { force: true });
  try {
    const file = await open(fresh, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    if ((await readTextFile(target)) !== before) return false;
    await rename(fresh, target);
    return true;
  } finally {
    await rm(fresh, { force: true });
  }
}

/** A file that is a link is written where it leads, as Docker does, so that a link into a directory of settings stays. */
async function behindLinks(path: string): Promise<string> {
  let place = path;
  for (let followed = 0; followed <= maxAuthFileLinks; followed++) {
    const found = await lstat(place).catch(() => undefined);
    if (!found?.isSymbolicLink()) return place;
    // In a directory that others may write to, a link of theirs would choose which file is replaced.
    if (found.uid !== 0 && found.uid !== process.getuid?.())
      throw badAuthFile(path, "a link that belongs to another user");
    place = resolve(dirname(place), await readlink(place));
  }
  throw badAuthFile(path, "too many links");
}

/** Podman's check before it writes: a directory of a session that does not exist is a mistake in the environment. */
export async function checkRuntimeDirectory(path: string, runtimeDirectory: string | undefined): Promise<void> {
  if (!runtimeDirectory || !path.startsWith(`${runtimeDirectory}/`)) return;
  if (await stat(runtimeDirectory).catch(() => undefined)) return;
  const message = `XDG_RUNTIME_DIR names ${runtimeDirectory}, which does not exist: make it, or unset the variable`;
  throw galleyError("invalid", "registry.no-runtime-directory", message);
}
