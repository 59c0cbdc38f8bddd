import type { Duplex } from "node:stream";
import { type Attachment, attach, type ExitRecord } from "@galley/keeper";
import { perform } from "@galley/stage";
import { describe, expect, test } from "vitest";
import type { ContainerLaunch } from "./container-plan.ts";
import type { ExecLaunch } from "./exec-plan.ts";
import { launchContainer, launchExec } from "./launch-container.ts";
import { execIn, type HostBundle, hostBundle, started, whyNoContainers } from "./testing/host-bundle.ts";
import { processSpec } from "./testing/launches.ts";

const reason = whyNoContainers();

interface Connected {
  readonly attachment: Attachment;
  readonly pid: number;
  readonly said: { stdout: string; stderr: string };
  /** The end, once the keeper was told that nobody else has to care. */
  ended(): Promise<ExitRecord>;
}

function connect(client: Duplex | undefined, pid: number): Connected {
  const said = { stdout: "", stderr: "" };
  const onOutput = (stream: "stdout" | "stderr", bytes: Uint8Array): void => {
    said[stream] += Buffer.from(bytes).toString();
  };
  const attachment = attach(client as Duplex, { onOutput });
  const ended = async (): Promise<ExitRecord> => {
    const record = await attachment.exited;
    await attachment.acknowledge();
    attachment.close();
    return record;
  };
  return { attachment, pid, said, ended };
}

const attached = (launch: ContainerLaunch): ContainerLaunch => ({
  ...launch,
  keeper: { ...launch.keeper, attached: true, stdinOnce: true },
});

async function run(launch: ContainerLaunch): Promise<Connected> {
  const { client, pid } = await launchContainer(attached(launch), perform);
  return connect(client, pid);
}

async function exec(
  bundle: HostBundle,
  container: ContainerLaunch,
  changes: Partial<ExecLaunch> & Pick<ExecLaunch, "process">,
): Promise<Connected> {
  const { client, pid } = await launchExec(execIn(bundle, container, changes), perform);
  return connect(client, pid);
}

/** Field 7 of /proc/PID/stat: 136:0 is the first terminal of a devpts. */
const firstTerminal = String(136 * 256);

describe.skipIf(reason !== "")(`streams ${reason}`, () => {
  test("launchContainer() passes standard input on to its end", async () => {
    using bundle = hostBundle();
    const { attachment, said, ended } = await run(
      bundle.launch({ process: { args: ["sh", "-c", "cat; echo end"] } }, { openStdin: true }),
    );
    await attachment.write(Buffer.from("hello\n"));
    await attachment.write(Buffer.alloc(200_000, "y"));
    attachment.endStdin();
    expect(await ended()).toMatchObject({ code: 0 });
    expect(said.stdout).toBe(`hello\n${"y".repeat(200_000)}end\n`);
  });

  test("launchContainer() gives a program without input an empty one, which is the container's own null device", async () => {
    using bundle = hostBundle();
    const { said, ended } = await run(
      bundle.launch({ process: { args: ["sh", "-c", "cat; chmod 600 /proc/self/fd/0; stat -Lc %a /proc/self/fd/0"] } }),
    );
    await ended();
    expect(said.stdout).toBe("600\n");
    const { stdout } = await bundle.run("stat -c %a /dev/null");
    expect(stdout).toBe("666\n");
  });

  test("launchContainer() lets another user open its streams by name", async () => {
    using bundle = hostBundle();
    const { said, ended } = await run(
      bundle.launch({
        process: {
          args: ["sh", "-c", "echo out > /dev/stdout; echo err > /dev/stderr"],
          user: { uid: 1000, gid: 1000 },
        },
      }),
    );
    expect(await ended()).toMatchObject({ code: 0 });
    expect(said).toEqual({ stdout: "out\n", stderr: "err\n" });
  });

  test("launchContainer() gives a terminal: its size, the controlling one, the user's, and echo", async () => {
    using bundle = hostBundle();
    const script =
      "stty size; tty; cut -d' ' -f7 /proc/self/stat; stat -c '%u %g' /dev/pts/0; echo tty > /dev/tty; read line; echo got $line; stty size; test -c /dev/console && echo console";
    const process = { args: ["sh", "-c", script], terminal: true, user: { uid: 1000, gid: 1000 } };
    const { attachment, said, ended } = await run(bundle.launch({ process }, { size: { rows: 12, columns: 34 } }));
    await expect.poll(() => said.stdout).toContain("tty\r\n");
    attachment.resize({ rows: 56, columns: 78 });
    await attachment.write(Buffer.from("word\n"));
    expect(await ended()).toMatchObject({ code: 0 });
    expect(said.stdout.split("\r\n")).toEqual([
      "12 34",
      "/dev/pts/0",
      firstTerminal,
      "1000 5",
      "tty",
      "word",
      "got word",
      "56 78",
      "console",
      "",
    ]);
    expect(said.stderr).toBe("");
  });

  test("launchContainer() turns control characters into signals", async () => {
    using bundle = hostBundle();
    const { attachment, said, ended } = await run(
      bundle.launch({
        process: {
          args: ["sh", "-c", "trap 'echo trapped; exit 9' INT; echo ready; while :; do sleep 0.1; done"],
          terminal: true,
        },
      }),
    );
    await expect.poll(() => said.stdout).toContain("ready");
    await attachment.write(Buffer.from("\x03"));
    expect(await ended()).toMatchObject({ code: 9 });
    expect(said.stdout).toContain("trapped");
  });

  test("launchContainer() takes the size of the specification when the caller has none", async () => {
    using bundle = hostBundle();
    const process = { args: ["stty", "size"], terminal: true, consoleSize: { height: 7, width: 77 } };
    const { said, ended } = await run(bundle.launch({ process }));
    await ended();
    expect(said.stdout).toBe("7 77\r\n");
  });
});

describe.skipIf(reason !== "")(`launchExec() ${reason}`, () => {
  const running = async (test: (bundle: HostBundle, launch: ContainerLaunch) => Promise<void>): Promise<void> => {
    using bundle = hostBundle();
    const launch = bundle.launch({ hostname: "box", process: { args: ["sleep", "60"] } });
    const container = await started(launch);
    try {
      await test(bundle, launch);
    } finally {
      process.kill(container.pid, "SIGKILL");
      await container.exited;
    }
  };

  test("launchExec() is inside: namespaces, control groups, root, own session", () =>
    running(async (bundle, launch) => {
      const script =
        "hostname; tr '\\0' ' ' < /proc/1/cmdline; echo; for n in mnt pid net uts ipc cgroup; do test $(readlink /proc/self/ns/$n) = $(readlink /proc/1/ns/$n) || echo other $n; done; diff /proc/1/cgroup /proc/self/cgroup; exit 4";
      const { said, ended, pid } = await exec(bundle, launch, { process: processSpec({ args: ["sh", "-c", script] }) });
      expect(await ended()).toMatchObject({ code: 4, pid });
      expect(said).toEqual({ stdout: "box\nsleep 60 \n", stderr: "" });
    }));

  test("launchExec() takes user, environment, directory and input of its own", () =>
    running(async (bundle, launch) => {
      const user = { uid: 1000, gid: 7 };
      const process = processSpec({
        args: ["sh", "-c", "id -u; id -g; echo $A; pwd; cat"],
        env: ["PATH=/bin", "A=b"],
        cwd: "/tmp",
        user,
      });
      const { attachment, said, ended } = await exec(bundle, launch, {
        process,
        openStdin: true,
        keeper: { ...execIn(bundle, launch, { process }).keeper, stdinOnce: true },
      });
      await attachment.write(Buffer.from("in\n"));
      attachment.endStdin();
      await ended();
      expect(said.stdout).toBe("1000\n7\nb\n/tmp\nin\n");
    }));

  test("launchExec() opens a terminal in the container's devpts", () =>
    running(async (bundle, launch) => {
      const process = processSpec({
        args: ["sh", "-c", "tty; stty size; cut -d' ' -f7 /proc/self/stat"],
        terminal: true,
      });
      const { said, ended } = await exec(bundle, launch, { process, size: { rows: 5, columns: 6 } });
      await ended();
      expect(said.stdout).toBe(`/dev/pts/0\r\n5 6\r\n${firstTerminal}\r\n`);
    }));

  test.each([
    ["nothing-there", "runtime.command-not-found"],
    ["/etc", "runtime.not-executable"],
  ])("launchExec() refuses the command %s with %s, and the container goes on", (command, code) =>
    running(async (bundle, launch) => {
      await expect(exec(bundle, launch, { process: processSpec({ args: [command] }) })).rejects.toMatchObject({ code });
      const { ended } = await exec(bundle, launch, { process: processSpec({ args: ["true"] }) });
      expect(await ended()).toMatchObject({ code: 0 });
    }),
  );

  test("launchExec() does not mistake another process for one that is gone", () =>
    running(async (bundle, launch) => {
      const target = { pid: process.pid, startTicks: 1 };
      await expect(exec(bundle, launch, { process: processSpec(), target })).rejects.toMatchObject({
        kind: "not-found",
        details: { errno: "ESRCH" },
      });
    }));

  test("launchExec() ends with the container", async () => {
    using bundle = hostBundle();
    const launch = bundle.launch({ process: { args: ["sleep", "60"] } });
    const container = await started(launch);
    const { ended } = await exec(bundle, launch, { process: processSpec({ args: ["sleep", "60"] }) });
    process.kill(container.pid, "SIGKILL");
    expect(await container.exited).toMatchObject({ code: 137 });
    expect(await ended()).toMatchObject({ code: 137, signal: 9 });
  });
});
