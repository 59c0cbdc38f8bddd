import { describe, expect, test } from "vitest";
import { aStart, nobody, putContainer, writeExit, writePid } from "../testing/keeper-records.ts";
import { makeImage, putImage } from "../testing/make-image.ts";
import { scratchEngine } from "../testing/scratch-engine.ts";
import { inspectContainer } from "./inspect-container.ts";
import type { CreateContainerOptions } from "./options.ts";

async function inspected(options: Partial<CreateContainerOptions> = {}, command = ["run", "echo", "hi"]) {
  const engine = await scratchEngine();
  const execution = { Entrypoint: ["run"], Env: ["A=b"], Labels: { a: "image", b: "image" }, WorkingDir: "/srv" };
  const image = putImage(engine, makeImage("image", execution));
  putContainer(engine, { imageId: image.id, command, options: { image: "image", ...options } });
  return inspectContainer(engine, "cook");
}

describe("inspectContainer()", () => {
  test("inspectContainer() tells what is configured, the image's part included", async () => {
    const { Path, Args, Config, Name, ImageName, ImageDigest } = await inspected({
      labels: { a: "own" },
      process: { environment: { C: "d" }, terminal: true, openStdin: true },
    });
    expect({ Path, Args, Name, ImageName }).toEqual({
      Path: "run",
      Args: ["echo", "hi"],
      Name: "cook",
      ImageName: "docker.io/library/image:latest",
    });
    expect(ImageDigest).toMatch(/^sha256:/);
    expect(Config).toMatchObject({
      Hostname: "c".repeat(12),
      Entrypoint: "run",
      Cmd: ["echo", "hi"],
      WorkingDir: "/srv",
      Tty: true,
      OpenStdin: true,
    });
    expect(Config).toMatchObject({ Labels: { a: "own", b: "image" }, StopSignal: 15, StopTimeout: 10, User: "" });
    expect(Config.Env).toEqual(expect.arrayContaining(["A=b", "C=d", "HOME=/root", `HOSTNAME=${"c".repeat(12)}`]));
  });

  test("inspectContainer() tells what a container may do and use", async () => {
    const { HostConfig, EffectiveCaps } = await inspected({
      network: "host",
      resources: {
        memoryBytes: 64 * 2 ** 20,
        cpus: 0.5,
        pidsLimit: 20,
        ulimits: [{ name: "nofile", soft: 10, hard: 20 }],
      },
      security: {
        addCapabilities: ["NET_ADMIN"],
        dropCapabilities: ["CAP_CHOWN"],
        noNewPrivileges: true,
        seccomp: "unconfined",
      },
      files: { readOnlyRoot: true, tmpfs: [{ containerPath: "/tmp", options: ["size=1m"] }] },
      life: { autoRemove: true },
    });
    expect(HostConfig).toMatchObject({
      Memory: 64 * 2 ** 20,
      MemorySwap: 128 * 2 ** 20,
      NanoCpus: 500_000_000,
      CpuPeriod: 100_000,
      CpuQuota: 50_000,
      PidsLimit: 20,
      Ulimits: [{ Name: "RLIMIT_NOFILE", Soft: 10, Hard: 20 }],
      CapAdd: ["CAP_NET_ADMIN"],
      CapDrop: ["CAP_CHOWN"],
      SecurityOpt: ["seccomp=unconfined", "no-new-privileges"],
      NetworkMode: "host",
      ReadonlyRootfs: true,
      AutoRemove: true,
      Tmpfs: { "/tmp": "size=1m" },
      ShmSize: 65_536_000,
    });
    expect(EffectiveCaps).toContain("CAP_NET_ADMIN");
    expect(EffectiveCaps).not.toContain("CAP_CHOWN");
  });

  test.each([
    [[], { RW: true, Propagation: "rprivate", Options: ["rbind"] }, "/:/data:rw,rprivate,rbind"],
    [["ro"], { RW: false, Propagation: "rprivate", Options: ["rbind"] }, "/:/data:ro,rprivate,rbind"],
    [
      ["bind", "ro", "rw", "nosuid", "rshared"],
      { RW: true, Propagation: "rshared", Options: ["bind", "nosuid"] },
      "/:/data:rw,rshared,bind,nosuid",
    ],
  ])("inspectContainer() tells a mount with the options %j", async (options, mount, text) => {
    const { Mounts, HostConfig } = await inspected({
      files: { binds: [{ hostPath: "/", containerPath: "/data", options }] },
    });
    expect(Mounts).toMatchObject([{ Type: "bind", Source: "/", Destination: "/data", ...mount }]);
    expect(HostConfig.Binds).toEqual([text]);
  });

  test("inspectContainer() is JSON for every kind of container", async () => {
    for (const options of [
      {},
      { security: { privileged: true } },
      { process: { user: "nobody-there" } },
      { network: "host" as const },
    ]) {
      const told = await inspected(options);
      expect(JSON.parse(JSON.stringify(told))).toEqual(told);
    }
  });

  test("inspectContainer() does without its image", async () => {
    const engine = await scratchEngine();
    putContainer(engine, { options: { image: "image", process: { environment: { A: "b" } } } });
    const { Config, ImageDigest, EffectiveCaps } = inspectContainer(engine, "cook");
    expect({ env: Config.Env, ImageDigest, EffectiveCaps }).toEqual({
      env: ["A=b"],
      ImageDigest: "",
      EffectiveCaps: [],
    });
  });

  test("inspectContainer() tells what runs", async () => {
    const engine = await scratchEngine();
    writePid(engine, putContainer(engine, { start: aStart() }));
    const { State } = inspectContainer(engine, "cook");
    expect(State).toMatchObject({
      Status: "running",
      Running: true,
      Pid: process.pid,
      ExitCode: 0,
      StartedAt: "1970-01-01T00:00:01.000Z",
    });
    expect(State.FinishedAt).toBe("0001-01-01T00:00:00Z");
  });

  test("inspectContainer() tells how it ended", async () => {
    const engine = await scratchEngine();
    writeExit(engine, putContainer(engine, { start: aStart() }), { code: 3 });
    const { State } = inspectContainer(engine, "cook");
    expect(State).toMatchObject({
      Status: "exited",
      Running: false,
      Pid: 0,
      ExitCode: 3,
      Error: "",
      FinishedAt: "2026-01-02T03:04:06.000Z",
    });
  });

  test("inspectContainer() makes no exit code up", async () => {
    const engine = await scratchEngine();
    const record = putContainer(engine, { start: aStart({ starter: nobody }) });
    writePid(engine, record, { child: nobody });
    const { State } = inspectContainer(engine, "cook");
    expect(State).toMatchObject({ Status: "exited", ExitCode: null, Error: expect.stringContaining("unknown") });
  });
});
