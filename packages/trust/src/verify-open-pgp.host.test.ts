import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseReference } from "@galley/spec";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkPolicy } from "./check-policy.ts";
import type { Policy } from "./policy.ts";
import { digest, statement } from "./testing/sign.ts";

const missing = ["gpg", "gpgv"].filter((program) => spawnSync(program, ["--version"]).error).join(" and ");
const why = missing && ` (skipped: no ${missing})`;
const name = "quay.io/team/app:1";
const text = JSON.stringify(statement(name, digest, "atomic container signature"));

describe.skipIf(missing)(`checkPolicy() with GPG signatures${why}`, () => {
  let folder: string;
  const gpg = (args: readonly string[], input = "") =>
    execFileSync(
      "gpg",
      [
        "--homedir",
        join(folder, "home"),
        "--batch",
        "--quiet",
        "--no-tty",
        "--pinentry-mode",
        "loopback",
        "--passphrase",
        "",
        ...args,
      ],
      { input, stdio: ["pipe", "pipe", "ignore"] },
    );
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "galley-gpg-"));
    mkdirSync(join(folder, "home"), { mode: 0o700 });
    for (const [who, kind] of [
      ["ours", "ed25519"],
      ["theirs", "rsa2048"],
      ["revoked", "ed25519"],
    ] as const) {
      gpg(["--quick-generate-key", who, kind, "sign", "never"]);
    }
    gpg(["--faked-system-time", "20200101T000000!", "--quick-generate-key", "expired", "ed25519", "sign", "1d"]);
  }, 60_000);
  afterAll(() => {
    spawnSync("gpgconf", ["--homedir", join(folder, "home"), "--kill", "all"]);
    rmSync(folder, { recursive: true, force: true });
  });

  const sign = (who: string, what = text, ...more: string[]): Buffer =>
    gpg(["--local-user", who, ...more, "--output", "-", "--sign"], what);
  const ringOf = (who: string, ...more: string[]): Buffer => gpg([...more, "--export", who]);
  const check = (signatures: readonly Uint8Array[], ...rings: Uint8Array[]) => {
    const keys = rings.map((data) => ({ data }));
    const policy: Policy = {
      default: [{ type: "signedBy", keys, identity: { type: "matchRepoDigestOrExact" } }],
      transports: new Map(),
    };
    return checkPolicy(policy, {
      transport: "docker",
      reference: parseReference(name),
      digest,
      signatures: { simple: async () => signatures },
    });
  };

  test("checkPolicy() accepts a signature by a key of a ring, armoured or not", async () => {
    await check([sign("ours")], ringOf("ours"));
    await check([sign("ours")], ringOf("ours", "--armor"));
    await check([sign("theirs")], ringOf("ours"), ringOf("theirs"));
    await check([sign("theirs"), sign("ours")], ringOf("ours"));
  });

  test("checkPolicy() rejects a signature by another key, a broken one, and what is none", async () => {
    await expect(check([sign("theirs")], ringOf("ours"))).rejects.toThrow("by a key that is not accepted");
    await expect(check([], ringOf("ours"))).rejects.toThrow("no signature exists");
    const broken = sign("ours", text, "--compress-level", "0");
    broken[broken.indexOf("critical")] = 0x43;
    for (const bytes of [
      broken,
      Buffer.from(text),
      Buffer.alloc(0),
      Buffer.alloc(100, 0x90),
      sign("ours").subarray(0, 60),
    ]) {
      await expect(check([bytes], ringOf("ours"))).rejects.toMatchObject({ code: "trust.rejected" });
    }
    const literal = gpg(["--output", "-", "--store"], text);
    await expect(check([literal], ringOf("ours"))).rejects.toMatchObject({ code: "trust.rejected" });
    await expect(check([Buffer.concat([literal, sign("ours")])], ringOf("ours"))).rejects.toMatchObject({
      code: "trust.rejected",
    });
  });

  test("checkPolicy() rejects a good signature of something else", async () => {
    await expect(check([sign("ours", "text")], ringOf("ours"))).rejects.toMatchObject({ code: "trust.rejected" });
    await expect(
      check([sign("ours", text.replace(digest, `sha256:${"0".repeat(64)}`))], ringOf("ours")),
    ).rejects.toThrow("Signature for manifest digest");
    await expect(check([sign("ours", text.replace("team", "evil"))], ringOf("ours"))).rejects.toThrow(
      "quay.io/evil/app:1 is not accepted",
    );
    await expect(check([sign("ours", JSON.stringify(statement(name)))], ringOf("ours"))).rejects.toThrow(
      "is not of type",
    );
    await expect(check([sign("ours", `${" ".repeat(100_000)}${text}`)], ringOf("ours"))).rejects.toThrow("too large");
  });

  test("checkPolicy() rejects keys that have expired or were revoked", async () => {
    const old = sign("expired", text, "--faked-system-time", "20200101T010000!");
    await expect(check([old], ringOf("expired"))).rejects.toThrow("its key has expired");
    const made = sign("revoked");
    const fingerprint =
      /^fpr:+([0-9A-F]+):/m.exec(gpg(["--with-colons", "--list-keys", "revoked"]).toString())?.[1] ?? "";
    execFileSync(
      "sh",
      [
        "-c",
        `sed 's/^:---/---/' "$0" | gpg --homedir "$1" --batch --quiet --import`,
        join(folder, "home/openpgp-revocs.d", `${fingerprint}.rev`),
        join(folder, "home"),
      ],
      { stdio: "ignore" },
    );
    await expect(check([made], ringOf("revoked"))).rejects.toThrow("its key has been revoked");
  });

  test("checkPolicy() rejects everything when the ring is none", async () => {
    for (const ring of [
      Buffer.alloc(0),
      Buffer.from("garbage"),
      Buffer.from("-----BEGIN PGP PUBLIC KEY BLOCK-----\n"),
    ]) {
      await expect(check([sign("ours")], ring)).rejects.toMatchObject({ code: "trust.rejected" });
    }
  });
});
