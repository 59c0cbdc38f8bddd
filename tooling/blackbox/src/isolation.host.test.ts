import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { makeBusyboxImage } from "@galley/testing-images";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BusyboxSetting, busyboxSetting } from "./busybox-setting.ts";
import type { Ended } from "./ended.ts";
import type { GalleyHome } from "./galley-home.ts";
import { missingForBlackBox, named } from "./galley-program.ts";

const reason = missingForBlackBox();

describe.skipIf(reason !== undefined)(named("galley run apart from the host", reason), () => {
  let setting: BusyboxSetting;
  let home: GalleyHome;
  let image: string;
  beforeAll(async () => {
    setting = await busyboxSetting();
    ({ home, image } = setting);
  });
  afterAll(() => setting?.[Symbol.asyncDispose]());

  /** What a script prints in a container with these flags, which must go well. */
  const prints = (flags: readonly string[], script: string): Promise<string> =>
    home.ok("run", "--rm", ...flags, image, "sh", "-c", script);
  const tries = (flags: readonly string[], ...command: string[]): Promise<Ended> =>
    home.run(["run", "--rm", ...flags, image, ...command]);
  const status = async (flags: readonly string[], field: string): Promise<string> =>
    (await prints(flags, `grep ${field} /proc/self/status`)).split("\t")[1] ?? "";

  test("galley run shows a host directory, and what is written there", async () => {
    const data = join(home.folder, "data");
    mkdirSync(data);
    writeFileSync(join(data, "f"), "from the host\n");
    expect(await prints(["-v", `${data}:/data`], "cat /data/f; echo back > /data/g")).toBe("from the host");
    expect(readFileSync(join(data, "g"), "utf8")).toBe("back\n");
    const readOnly = await tries(["-v", `${data}:/data:ro`], "touch", "/data/h");
    expect(readOnly).toMatchObject({ code: 1, err: expect.stringContaining("Read-only file system") });
    expect(readdirSync(data).sort()).toEqual(["f", "g"]);
  });

  test("galley run shows one host file, at a path that the image does not have", async () => {
    const path = join(home.folder, "one");
    writeFileSync(path, "1");
    expect(await prints(["-v", `${path}:/new/place/one`], "cat /new/place/one; echo 2 > /new/place/one")).toBe("1");
    expect(readFileSync(path, "utf8")).toBe("2\n");
  });

  test("galley run keeps a volume out of the container's own layer", async () => {
    const path = join(home.folder, "kept");
    mkdirSync(path);
    writeFileSync(join(path, "important"), "x");
    await home.ok("run", "--name", "holder", "-v", `${path}:/mnt`, image, "true");
    await home.ok("rm", "holder");
    expect(readdirSync(path)).toEqual(["important"]);
  });

  test("galley run --tmpfs gives empty memory of a size, gone afterwards", async () => {
    const out = await prints(["--tmpfs", "/t:size=1m,mode=1770"], "touch /t/x; df -k /t | tail -1; stat -c %a /t");
    expect(out).toMatch(/^tmpfs +1024 [\s\S]*\n1770$/);
    expect((await tries(["--tmpfs", "/t:size=1m"], "dd", "if=/dev/zero", "of=/t/x", "bs=64k")).err).toContain(
      "No space",
    );
  });

  test("galley run --read-only makes the root read-only and leaves /dev, /proc and a tmpfs usable", async () => {
    const refused = await tries(["--read-only"], "touch", "/x");
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining("Read-only file system") });
    expect(await prints(["--read-only", "--tmpfs", "/tmp"], "touch /tmp/x; echo > /dev/null; echo fine")).toBe("fine");
  });

  test.each([
    ["1000:1000", "1000 1000 /home/user"],
    ["user", "1000 1000 /home/user"],
    ["user:0", "1000 0 /home/user"],
    ["12345", "12345 0 /"],
    ["0", "0 0 /root"],
  ])("galley run -u %s is that user", async (user, expected) => {
    expect(await prints(["-u", user], "echo $(id -u) $(id -g) $HOME")).toBe(expected);
    expect(await status(["-u", user], "CapEff")).toBe(user === "0" ? "00000000800405fb" : "0000000000000000");
  });

  test("galley run -u refuses a name that the image does not know", async () => {
    expect(await tries(["-u", "nobody-here"], "true")).toMatchObject({
      code: 125,
      err: expect.stringMatching(/^Error: .*\n$/),
    });
  });

  test("galley run --cap-drop and --cap-add change what the process may", async () => {
    const chown = 0n;
    const netAdmin = 12n;
    const has = (set: string, bit: bigint): boolean => ((BigInt(`0x${set}`) >> bit) & 1n) === 1n;
    expect(await status(["--cap-drop", "all"], "CapBnd")).toBe("0000000000000000");
    expect(has(await status([], "CapEff"), chown)).toBe(true);
    expect(has(await status(["--cap-drop", "chown"], "CapEff"), chown)).toBe(false);
    expect(has(await status([], "CapBnd"), netAdmin)).toBe(false);
    expect(has(await status(["--cap-add", "NET_ADMIN"], "CapEff"), netAdmin)).toBe(true);
    expect(BigInt(`0x${await status(["--cap-drop", "all", "--cap-add", "CAP_CHOWN"], "CapEff")}`)).toBe(1n);
    expect((await tries(["--cap-drop", "all"], "chown", "1", "/etc")).code).toBe(1);
    expect(await tries(["--cap-add", "flying"], "true")).toMatchObject({ code: 125 });
  });

  test("galley run --security-opt seccomp= uses a profile of ours", async () => {
    const path = join(home.folder, "profile.json");
    const syscalls = [{ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 1 }];
    writeFileSync(path, JSON.stringify({ defaultAction: "SCMP_ACT_ALLOW", syscalls }));
    const refused = await tries(["--security-opt", `seccomp=${path}`], "mkdir", "/x");
    expect(refused).toEqual({ code: 1, out: "", err: expect.stringContaining("Operation not permitted") });
    expect((await tries([], "mkdir", "/x")).code).toBe(0);
    expect(await status(["--security-opt", `seccomp=${path}`], "Seccomp:")).toBe("2");
    expect(await status(["--security-opt", "seccomp=unconfined"], "Seccomp:")).toBe("0");
    writeFileSync(path, "{ no json");
    expect((await tries(["--security-opt", `seccomp=${path}`], "true")).code).toBe(125);
  });

  test("galley run --security-opt no-new-privileges, mask and unmask do what they say", async () => {
    expect(await status([], "NoNewPrivs")).toBe("0");
    expect(await status(["--security-opt", "no-new-privileges"], "NoNewPrivs")).toBe("1");
    expect(await prints(["--security-opt", "mask=/etc"], "ls /etc | wc -l")).toBe("0");
    expect((await tries([], "cat", "/proc/timer_list")).out).toBe("");
    expect(await prints(["--security-opt", "unmask=/proc/timer_list"], "wc -c < /proc/timer_list")).not.toBe("");
  });

  test("galley run --privileged takes the walls down", async () => {
    const ours = /CapBnd:\t(\w+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
    expect(await status(["--privileged"], "CapEff")).toBe(ours);
    expect(await status(["--privileged"], "Seccomp:")).toBe("0");
    expect(await prints(["--privileged"], "mkdir /m && mount -t tmpfs x /m && touch /m/x && umount /m; ls /m")).toBe(
      "",
    );
    expect(Number(await prints(["--privileged"], "ls /dev | wc -l"))).toBeGreaterThan(
      Number(await prints([], "ls /dev | wc -l")),
    );
  });

  test("galley run --network none has the loopback device alone, up; host has the host's", async () => {
    const devices = "ls /sys/class/net; ip -o link show lo; ip -4 -o addr show lo";
    const alone = await prints(["--network", "none"], devices);
    expect(alone).toMatch(/^lo\n.*LOOPBACK,UP.*\n.*127\.0\.0\.1\/8/);
    expect(await prints([], "ls /sys/class/net")).toBe("lo");
    const hosts = readdirSync("/sys/class/net").sort();
    const shown = (await prints(["--network", "host"], "tail -n +3 /proc/net/dev | cut -d: -f1"))
      .split(/\s+/)
      .filter(Boolean);
    expect(shown.sort()).toEqual(hosts);
  });

  test("galley run has its own namespaces, but those asked for from the host", async () => {
    const names = ["cgroup", "ipc", "mnt", "net", "pid", "uts"];
    const script = `for n in ${names.join(" ")}; do readlink /proc/self/ns/$n; done`;
    const host = names.map((name) => `${name}:[${statSync(`/proc/self/ns/${name}`).ino}]`);
    const own = (await prints([], script)).split("\n");
    expect(own.filter((link) => host.includes(link))).toEqual([]);
    const shared = (await prints(["--network", "host"], script)).split("\n");
    expect(shared.filter((link) => host.includes(link))).toEqual([host[3]]);
  });

  test("galley run --hostname, -l, -w, -e, --env-file and --entrypoint reach the container", async () => {
    expect(await prints(["--hostname", "kitchen"], "hostname; grep -c kitchen /etc/hosts")).toBe("kitchen\n1");
    expect(await prints(["--network", "host"], "hostname")).toBe(hostname());
    expect(await prints(["-w", "/etc"], "pwd")).toBe("/etc");
    expect(await prints(["-w", "/made/on/the/way"], "pwd")).toBe("/made/on/the/way");
    const envFile = join(home.folder, "env");
    writeFileSync(envFile, "# a comment\nA=from the file\nB=2\nHOSTS_OWN\n");
    const options = { spawn: { env: { ...process.env, HOSTS_OWN: "mine" } } };
    const flags = ["--env-file", envFile, "-e", "B=3", "-e", "C=$x 'q'"];
    const script = 'echo "$A|$B|$C|$HOSTS_OWN|$SECRET"';
    expect((await home.run(["run", "--rm", ...flags, image, "sh", "-c", script], options)).out).toBe(
      "from the file|3|$x 'q'|mine|\n",
    );
    expect(await home.ok("run", "--rm", "--entrypoint", "/bin/echo", image, "a", "b")).toBe("a b");
    expect(await home.ok("run", "--rm", "--entrypoint", '["echo","x"]', image, "y")).toBe("x y");
    await home.ok("create", "--name", "labelled", "-l", "a=b", "-l", "c", image);
    expect(JSON.parse(await home.ok("inspect", "labelled"))[0].Config.Labels).toEqual({ a: "b", c: "" });
    await home.ok("rm", "labelled");
  });

  test("galley run --env-file is read by Galley alone, not by the Node that it runs on", async () => {
    const envFile = join(home.folder, "hostile-env");
    writeFileSync(envFile, "NODE_OPTIONS=--require=/no/such/module\n");
    const script = "echo $NODE_OPTIONS";
    expect(await prints(["--env-file", envFile], script)).toBe("--require=/no/such/module");
    const missing = await tries(["--env-file", "/no/such/file"], "true");
    expect(missing).toMatchObject({ code: 125, err: expect.stringMatching(/^Error: .*no such file or directory/) });
    expect(await home.ok("run", "--rm", image, "echo", "--env-file", "/no/such/file")).toBe("--env-file /no/such/file");
  });

  test("galley run gives words after the image to the container, however they look", async () => {
    expect(await home.ok("run", "--rm", image, "echo", "--rm", "-it", "--", "--name=x", "")).toBe(
      "--rm -it -- --name=x",
    );
  });

  test("galley run takes what an image's configuration asks for, and no more", async () => {
    const asked = `${setting.registry.address}/asked:latest`;
    const config = {
      Entrypoint: ["sh", "-c"],
      Cmd: ['echo "$GREETING $(id -u) $PWD"'],
      Env: ["PATH=/bin", "GREETING=hello"],
      User: "user",
      WorkingDir: "/tmp",
      StopSignal: "SIGUSR1",
      Labels: { "io.galley.privileged": "true" },
    };
    await makeBusyboxImage(asked, { config });
    expect(await home.ok("run", "--rm", "-q", asked)).toBe("hello 1000 /tmp");
    expect(await home.ok("run", "--rm", asked, "grep CapEff /proc/self/status")).toBe("CapEff:\t0000000000000000");
    expect(await home.ok("run", "--rm", "-u", "0", "-w", "/", "-e", "GREETING=bye", asked)).toBe("bye 0 /");
  });

  test("galley run leaves no descriptor of ours in the container", async () => {
    expect(await prints([], "ls /proc/$$/fd; true")).toBe("0\n1\n2");
    await home.ok("run", "-d", "--name", "open", image, "sleep", "60");
    expect((await home.ok("exec", "open", "sh", "-c", "ls /proc/1/fd /proc/$$/fd; true")).match(/^\d+$/gm)).toEqual([
      "0",
      "1",
      "2",
      "0",
      "1",
      "2",
    ]);
    await home.ok("rm", "-f", "-t", "0", "open");
  });

  test("galley run hides the host's processes, and the host's files", async () => {
    expect(Number(await prints([], "ls -d /proc/[0-9]* | wc -l"))).toBeLessThan(5);
    expect(
      await prints([], `ls -d ${home.folder} 2>/dev/null; grep -c ${home.folder} /proc/self/mountinfo; true`),
    ).toMatch(/^\d+$/);
  });
});
