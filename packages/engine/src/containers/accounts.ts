import { galleyError } from "@galley/spec";
import type { Accounts } from "../images/image-record.ts";

/** As whom a process runs. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
  readonly additionalGids: readonly number[];
  /** The home directory, "/" where the user has none. */
  readonly home: string;
}

interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

interface Group {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

const largestId = 2 ** 31 - 1;

/**
 * Who `user`, `user:group`, `uid` or `uid:gid` is, looked up in a container's own passwd(5) and group(5) texts, as podman and
 * docker do: a number need not be listed; supplementary groups come from the group file unless a group is named. Where a user is
 * named, the main group is among them too: a program that drops it must not lose what the group is denied (CVE-2022-36109).
 *
 * @throws not-found engine.unknown-user, engine.unknown-group; invalid engine.bad-user
 */
export function resolveUser(text: string, accounts: Accounts): Identity {
  const [userText = "", groupText, ...rest] = text.split(":");
  if (rest.length > 0)
    throw galleyError("invalid", "engine.bad-user", `user ${JSON.stringify(text)} has more than one colon`);
  const groups = parseGroups(accounts.group);
  const user = findUser(userText || "0", parseUsers(accounts.passwd));
  const gid = groupText ? findGroup(groupText, groups) : user.gid;
  const named = groupText || user.name === "" ? [] : groups.filter(({ members }) => members.includes(user.name));
  return {
    uid: user.uid,
    gid,
    additionalGids: [...new Set([...(text === "" ? [] : [gid]), ...named.map((group) => group.gid)])],
    home: user.home || "/",
  };
}

function findUser(text: string, users: readonly User[]): User {
  const number = /^\d+$/.test(text) ? checkedId(text) : undefined;
  const found = users.find(({ name }) => name === text) ?? users.find(({ uid }) => uid === number);
  if (found) return found;
  if (number === undefined) {
    throw galleyError(
      "not-found",
      "engine.unknown-user",
      `unable to find user ${text}: no matching entries in passwd file`,
    );
  }
  return { name: "", uid: number, gid: 0, home: "/" };
}

function findGroup(text: string, groups: readonly Group[]): number {
  const found = groups.find(({ name }) => name === text);
  if (found) return found.gid;
  if (/^\d+$/.test(text)) return checkedId(text);
  throw galleyError(
    "not-found",
    "engine.unknown-group",
    `unable to find group ${text}: no matching entries in group file`,
  );
}

function checkedId(text: string): number {
  const id = Number(text);
  if (id > largestId) throw galleyError("invalid", "engine.bad-user", `id ${text} is over ${largestId}`);
  return id;
}

/** Lines that are not of the file's form are skipped: the file is the image's, not ours. */
function parseUsers(text: string): User[] {
  return text.split("\n").flatMap((line) => {
    const [name = "", , uid = "", gid = "", , home = ""] = line.split(":");
    return isId(uid) && isId(gid) && name
      ? [{ name, uid: Number(uid), gid: Number(gid), home: home.startsWith("/") ? home : "/" }]
      : [];
  });
}

function parseGroups(text: string): Group[] {
  return text.split("\n").flatMap((line) => {
    const [name = "", , gid = "", members = ""] = line.split(":");
    return isId(gid) && name
      ? [{ name, gid: Number(gid), members: members.split(",").map((member) => member.trim()) }]
      : [];
  });
}

function isId(text: string): boolean {
  return /^\d{1,10}$/.test(text) && Number(text) <= largestId;
}
