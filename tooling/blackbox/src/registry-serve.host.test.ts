import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { findProgram } from "@galley/testing-images";
import { hash } from "bcryptjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BusyboxSetting, busyboxSetting } from "./busybox-setting.ts";
import { makeHome } from "./galley-home.ts";
import { missingForBlackBox, named } from "./galley-program.ts";

const run = promisify(execFile);
const reason = missingForBlackBox();
const withoutPodman = findProgram("podman") === undefined ? "needs podman" : undefined;

describe.skipIf(reason !== undefined)(named("galley registry serve", reason), () => {
  let setting: BusyboxSetting;
  beforeAll(async () => {
    setting = await busyboxSetting();
    await setting.home.ok("tag", setting.image, "docker.io/library/mine:v1");
  });
  afterAll(() => setting?.[Symbol.asyncDispose]());

  /** Serves on a free port until disposed of, and then must have ended well. */
  async function serve(...args: string[]) {
    const child = setting.home.start(["registry", "serve", "--port", "0", ...args], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const exited = once(child, "exit");
    const lines = createInterface({ input: child.stdout ?? process.stdin });
    const [line] = (await once(lines, "line")) as [string];
    const [, count, scheme, address = ""] = /^Serving (\d+) images? at (https?):\/\/(\S+)$/.exec(line) ?? [];
    return {
      count: Number(count),
      scheme,
      address,
      async end(signal: NodeJS.Signals): Promise<unknown> {
        child.kill(signal);
        return (await exited)[0];
      },
      async [Symbol.asyncDispose]() {
        child.kill("SIGKILL");
        await exited;
      },
    };
  }

  test.each(["SIGINT", "SIGTERM"] as const)("galley registry serve ends well on %s", async (signal) => {
    await using served = await serve();
    expect([served.count, served.scheme]).toEqual([1, "http"]);
    expect(await served.end(signal)).toBe(0);
  });

  test("skopeo copies the image from it as it is", async () => {
    await using served = await serve();
    const layout = join(setting.home.folder, "copied");
    const name = `docker://${served.address}/library/mine:v1`;
    await run("skopeo", ["--insecure-policy", "copy", "--src-tls-verify=false", name, `oci:${layout}:v1`]);
    const index = JSON.parse(await readFile(join(layout, "index.json"), "utf8")) as { manifests: { digest: string }[] };
    const inspected = JSON.parse(await setting.home.ok("image", "inspect", "mine:v1")) as { Digest: string }[];
    expect(index.manifests[0]?.digest).toBe(inspected[0]?.Digest);
    const { stdout } = await run("skopeo", [
      "list-tags",
      "--tls-verify=false",
      `docker://${served.address}/library/mine`,
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ Tags: ["v1"] });
  });

  test("another galley pulls from it and runs what it got, by tag and by digest", async () => {
    await using served = await serve();
    await using other = await makeHome();
    await other.ok("pull", "-q", `${served.address}/library/mine:v1`);
    expect(await other.ok("run", "--rm", `${served.address}/library/mine:v1`, "echo", "hello")).toBe("hello");
    const inspected = JSON.parse(await setting.home.ok("image", "inspect", "mine:v1")) as { Digest: string }[];
    await using third = await makeHome();
    await third.ok("pull", "-q", `${served.address}/docker.io/library/mine@${inspected[0]?.Digest}`);
  });

  test("it lets in only who is in the htpasswd file, and says what is wrong with one", async () => {
    const file = join(setting.home.folder, "users");
    await writeFile(file, `me:${(await hash("secret", 5)).replace("$2b$", "$2y$")}\n`);
    await using served = await serve("--htpasswd", file);
    const pull = (creds: string[]) => setting.home.run(["pull", "-q", ...creds, `${served.address}/library/mine:v1`]);
    expect((await pull([])).err).toMatch(/authentication required/);
    expect((await pull(["--creds", "me:wrong"])).code).not.toBe(0);
    expect((await pull(["--creds", "me:secret"])).code).toBe(0);
    await writeFile(file, "me:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n");
    const refused = await setting.home.run(["registry", "serve", "--port", "0", "--htpasswd", file]);
    expect(refused).toMatchObject({ code: 125, err: expect.stringContaining("line 1: its hash is SHA-1") });
  });

  test.skipIf(withoutPodman !== undefined)(named("podman pulls from it", withoutPodman), async () => {
    await using served = await serve();
    const places = [
      "--root",
      join(setting.home.folder, "podman"),
      "--runroot",
      join(setting.home.folder, "podman-run"),
    ];
    const podman = (...args: string[]) => run("podman", [...places, "--storage-driver", "vfs", ...args]);
    await podman("pull", "-q", "--tls-verify=false", `${served.address}/library/mine:v1`);
    const { stdout } = await podman("images", "-q");
    expect(stdout.trim()).not.toBe("");
    await podman("rmi", "-a");
  });
});
