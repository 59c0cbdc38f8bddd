import { describe, expect, test } from "vitest";
import { hostBundle, started, whyNoContainers, writeInto } from "./testing/host-bundle.ts";
import { processSpec, usualMounts } from "./testing/launches.ts";

const reason = whyNoContainers();

describe.skipIf(reason !== "")(`a bundle ${reason}`, () => {
  test("createContainer() runs a bundle and keeps its two streams apart and in order", async () => {
    using bundle = hostBundle();
    const { stdout, stderr, record } = await bundle.run("for i in 1 2 3; do echo out $i; echo err $i >&2; done");
    expect(stdout).toBe("out 1\nout 2\nout 3\n");
    expect(stderr).toBe("err 1\nerr 2\nerr 3\n");
    expect(record).toMatchObject({ code: 0, signal: 0, stamp: "boot-1" });
    expect(bundle.exitRecord()).toEqual(record);
  });

  test.each([0, 1, 42, 126, 127, 255])("createContainer() tells exit code %i", async (code) => {
    using bundle = hostBundle();
    expect((await bundle.run(`exit ${code}`)).record).toMatchObject({ code, signal: 0 });
  });

  test.each([9, 11, 15])("createContainer() tells death by signal %i", async (signal) => {
    using bundle = hostBundle();
    // process 1 of a pid namespace gets only what it handles, or SIGKILL from outside (pid_namespaces(7))
    const namespaces = [{ type: "mount" }] as const;
    const container = await started(bundle.launch({ process: { args: ["sleep", "60"] }, linux: { namespaces } }));
    process.kill(container.pid, signal);
    expect(await container.exited).toMatchObject({ code: 128 + signal, signal });
  });

  test("createContainer() shows a program its own namespaces, and of descriptors only three", async () => {
    using bundle = hostBundle();
    const { stdout } = await bundle.run(
      "echo $$; ls /proc/self/fd; hostname; ls /proc | grep -c '^[0-9]'; ip link | grep -c LOOPBACK,UP",
      { hostname: "box" },
    );
    // ls itself opens a fourth to read the directory
    expect(stdout.split("\n")).toEqual(["1", "0", "1", "2", "3", "box", expect.stringMatching(/^[2-4]$/), "1", ""]);
  });

  test("createContainer() leaves nothing of the host's mounts in the container", async () => {
    using bundle = hostBundle();
    const { stdout } = await bundle.run("cut -d' ' -f5 /proc/self/mountinfo | grep -v ^/sys/fs/cgroup/ | sort | uniq");
    expect(stdout.trim().split("\n")).toEqual(["/", "/dev", "/dev/pts", "/proc", "/sys", "/sys/fs/cgroup"]);
  });

  test("createContainer() sets host and domain name, umask, score, groups and ids", async () => {
    using bundle = hostBundle();
    const user = { uid: 1000, gid: 1001, umask: 0o077, additionalGids: [5, 6] };
    const script =
      "hostname; cat /proc/sys/kernel/domainname; umask; cat /proc/self/oom_score_adj; id -u; id -g; id -G; pwd";
    const { stdout, stderr } = await bundle.run(script, {
      hostname: "box",
      domainname: "example",
      process: { user, oomScoreAdj: 321, cwd: "/made/for/it" },
    });
    expect(stderr).toBe("");
    expect(stdout.split("\n")).toEqual([
      "box",
      "example",
      "0077",
      "321",
      "1000",
      "1001",
      "1001 5 6",
      "/made/for/it",
      "",
    ]);
  });

  test("createContainer() gives exactly the capabilities named", async () => {
    using bundle = hostBundle();
    const sets = async (capabilities: object, uid = 0): Promise<string[]> => {
      const { stdout } = await bundle.run("grep Cap /proc/self/status | cut -f2", {
        process: { capabilities, user: { uid, gid: 0 } },
      });
      return stdout
        .trim()
        .split("\n")
        .map((line) => line.replace(/^0+(?=.)/, ""));
    };
    expect(await sets({})).toEqual(["0", "0", "0", "0", "0"]);
    const one = ["CAP_NET_BIND_SERVICE"];
    expect(await sets({ bounding: one, permitted: one, effective: one })).toEqual(["0", "400", "400", "400", "0"]);
    expect(await sets({ bounding: one, permitted: one, effective: one, inheritable: one, ambient: one }, 1000)).toEqual(
      ["400", "400", "400", "400", "400"],
    );
    expect(await sets({ bounding: one, permitted: one, effective: one }, 1000)).toEqual(["0", "0", "0", "400", "0"]);
  });

  test.each([false, true])("createContainer() loads a filter, with no_new_privs %s", async (noNewPrivileges) => {
    using bundle = hostBundle();
    const seccomp = {
      defaultAction: "SCMP_ACT_ALLOW",
      syscalls: [{ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 1 }],
    } as const;
    const script = "mkdir /tmp/x; grep -E 'Seccomp:|NoNewPrivs' /proc/self/status | cut -f2";
    const { stdout, stderr } = await bundle.run(script, {
      linux: { seccomp },
      process: { noNewPrivileges, user: { uid: 1000, gid: 1000 } },
    });
    expect(stderr).toContain("Operation not permitted");
    expect(stdout.trim().split("\n")).toEqual([noNewPrivileges ? "1" : "0", "2"]);
  });

  test("createContainer() makes a root read-only, and not what is mounted in it", async () => {
    using bundle = hostBundle();
    const mounts = [...usualMounts, { destination: "/tmp", type: "tmpfs", source: "tmpfs" }];
    const { stdout, stderr } = await bundle.run("echo x > /file; echo y > /tmp/file && echo fine", {
      mounts,
      root: { path: "rootfs", readonly: true },
    });
    expect(stderr).toContain("Read-only file system");
    expect(stdout).toBe("fine\n");
  });

  test("createContainer() masks files and directories, makes paths read-only, and does without those that are missing", async () => {
    using bundle = hostBundle();
    const linux = {
      maskedPaths: ["/proc/version", "/sys/firmware", "/proc/nothing"],
      readonlyPaths: ["/proc/sys", "/proc/nothing2"],
    };
    const script =
      "wc -c < /proc/version; ls /sys/firmware | wc -l; echo 1 > /proc/sys/net/ipv4/ip_forward; echo x > /sys/firmware/x";
    const { stdout, stderr } = await bundle.run(script, { linux });
    expect(stdout.trim().split("\n")).toEqual(["0", "0"]);
    expect(stderr.match(/Read-only file system/g)).toHaveLength(2);
  });

  test("createContainer() sets a sysctl and the mounts with their options", async () => {
    using bundle = hostBundle();
    const mounts = [
      ...usualMounts,
      { destination: "/data", type: "bind", source: bundle.keepDirectory, options: ["bind", "ro", "nosuid"] },
    ];
    const script =
      "cat /proc/sys/net/ipv4/ip_forward; grep ' /data ' /proc/self/mountinfo | cut -d' ' -f6; echo x > /data/x";
    const { stdout, stderr } = await bundle.run(script, { mounts, linux: { sysctl: { "net.ipv4.ip_forward": "1" } } });
    expect(stdout).toMatch(/^1\nro,nosuid/);
    expect(stderr).toContain("Read-only file system");
  });

  test("createContainer() makes the devices of the specification, a FIFO among them, also a second time", async () => {
    using bundle = hostBundle();
    const devices = [
      { path: "/dev/fuse", type: "c", major: 10, minor: 229, fileMode: 0o640, uid: 1, gid: 2 },
      { path: "/dev/pipe", type: "p", fileMode: 0o600 },
      { path: "/srv/pipe", type: "p" },
    ] as const;
    for (let round = 0; round < 2; round += 1) {
      const { stdout } = await bundle.run("stat -c '%F %a %u %g %t %T' /dev/fuse /dev/pipe /srv/pipe", {
        linux: { devices },
      });
      expect(stdout.split("\n")).toEqual([
        "character special file 640 1 2 a e5",
        "fifo 600 0 0 0 0",
        "fifo 666 0 0 0 0",
        "",
      ]);
    }
  });

  test("createContainer() lowers resource limits, even to very few descriptors", async () => {
    using bundle = hostBundle();
    const rlimits = [
      { type: "RLIMIT_NOFILE", soft: 4, hard: 6 },
      { type: "RLIMIT_CORE", soft: 0, hard: 0 },
    ];
    const { stdout, stderr } = await bundle.run("ulimit -n; ulimit -Hn; ulimit -c", { process: { rlimits } });
    expect(stderr).toBe("");
    expect(stdout.split("\n")).toEqual(["4", "6", "0", ""]);
  });

  test("createContainer() gives no key of the caller's session to a container", async () => {
    using bundle = hostBundle();
    const { stdout } = await bundle.run("cat /proc/keys | grep -c _ses; grep galley-runtime-test /proc/keys | wc -l");
    expect(Number(stdout.trim().split("\n")[1])).toBeGreaterThanOrEqual(1);
  });

  test("createContainer() shows /dev as it must be", async () => {
    using bundle = hostBundle();
    const { stdout } = await bundle.run(
      "ls /dev; readlink /dev/ptmx; readlink /dev/fd; echo x > /dev/null && echo fine; test -c /dev/tty",
    );
    expect(stdout.split("\n")).toEqual([
      ..."core fd full null ptmx pts random stderr stdin stdout tty urandom zero".split(" "),
      "pts/ptmx",
      "/proc/self/fd",
      "fine",
      "",
    ]);
  });

  test.each([
    [["nothing-there"], "runtime.command-not-found", "not-found"],
    [["/nothing/there"], "runtime.command-not-found", "not-found"],
    [["/etc/text"], "runtime.not-executable", "forbidden"],
    [["/etc"], "runtime.not-executable", "forbidden"],
    [["/etc/empty"], "runtime.not-executable", "forbidden"],
    [["/etc/interpreter"], "runtime.command-not-found", "not-found"],
  ])("createContainer() refuses the command %j with %s", async (args, code, kind) => {
    using bundle = hostBundle();
    writeInto(bundle, "etc/text", "hello\n");
    writeInto(bundle, "etc/empty", "hello\n", 0o755);
    writeInto(bundle, "etc/interpreter", "#!/nothing/sh\n", 0o755);
    await expect(bundle.run(args)).rejects.toMatchObject({ code, kind, details: { command: args[0] } });
  });

  test("createContainer() names the step when a mount cannot be made", async () => {
    using bundle = hostBundle();
    const mounts = [...usualMounts, { destination: "/x", type: "bind", source: `${bundle.directory}/missing` }];
    const sourceKind = () => "directory" as const;
    await expect(bundle.run("true", { mounts }, { sourceKind })).rejects.toMatchObject({
      kind: "not-found",
      details: { by: "mounts", errno: "ENOENT" },
    });
    await expect(
      bundle.run("true", { process: processSpec({ args: ["true"], cwd: "/bin/busybox" }) }),
    ).rejects.toMatchObject({ details: { op: "chdir" } });
  });
});
