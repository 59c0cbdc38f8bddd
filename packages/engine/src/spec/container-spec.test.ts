import { knownCapabilities } from "@galley/capabilities";
import { defaultProfile } from "@galley/seccomp";
import type { RuntimeSpec } from "@galley/spec";
import { describe, expect, test } from "vitest";
import { resolveUser } from "../containers/accounts.ts";
import type { ContainerRecord } from "../containers/container-record.ts";
import type { CreateContainerOptions } from "../containers/options.ts";
import type { ImageRecord } from "../images/image-record.ts";
import { makeImage } from "../testing/make-image.ts";
import { containerMounts } from "./container-mounts.ts";
import { containerSpec } from "./container-spec.ts";
import { containerCommand } from "./process-spec.ts";

const files = { "/etc/hosts": "/keep/hosts", "/etc/hostname": "/keep/hostname" };

function specOf(
  change: Partial<CreateContainerOptions> = {},
  execution: ImageRecord["execution"] = { Cmd: ["sh"] },
): RuntimeSpec {
  const options = { image: "image", ...change };
  const image = makeImage("image", execution);
  const command = containerCommand(options, image);
  const record = {
    id: "c".repeat(64),
    name: "cook",
    imageId: image.id,
    imageName: "image",
    createdAtMs: 0,
    options,
    command,
  } as ContainerRecord;
  const identity = resolveUser(options.process?.user ?? execution.User ?? "", image.accounts);
  const host = { architecture: "amd64", kernelVersion: "6.12.0", capabilities: knownCapabilities() };
  const confined = options.security?.seccomp !== "unconfined" && !options.security?.privileged;
  return containerSpec({ record, image, identity, files, seccompProfile: confined ? defaultProfile : undefined, host });
}

/** All but the system call rules, which are the seccomp package's business, and a host's devices. */
function shown({ linux, ...rest }: RuntimeSpec): object {
  const { seccomp, devices, ...others } = linux ?? {};
  return { ...rest, linux: { ...others, seccomp: seccomp && { defaultAction: seccomp.defaultAction } } };
}

describe("containerSpec()", () => {
  test.each<[string, Partial<CreateContainerOptions>]>([
    ["nothing asked for", {}],
    [
      "limits",
      {
        resources: {
          memoryBytes: 64 * 2 ** 20,
          cpus: 0.5,
          pidsLimit: 20,
          ulimits: [{ name: "nofile", soft: 10, hard: -1 }],
        },
      },
    ],
    [
      "a user, a directory and a terminal",
      { process: { user: "1000:10", workingDirectory: "/srv", terminal: true, init: true } },
    ],
    ["no capabilities and no new privileges", { security: { dropCapabilities: ["ALL"], noNewPrivileges: true } }],
    ["privileges", { security: { privileged: true } }],
    [
      "mounts and a read-only root",
      { files: { readOnlyRoot: true, binds: [{ hostPath: "/srv", containerPath: "/data", options: ["ro"] }] } },
    ],
    ["the host's network", { network: "host", hostname: "galley" }],
  ])("containerSpec() of %s", (_, change) => expect(shown(specOf(change))).toMatchSnapshot());

  test("containerSpec() takes no more than an allow list from an image", () => {
    const hostile = {
      Cmd: ["sh"],
      Labels: { "org.galley.container": "evil", "run.oci.handler": "krun" },
      Hostname: "evil",
      Domainname: "evil",
      Volumes: { "/etc": {} },
      MacAddress: "02:00:00:00:00:01",
      NetworkDisabled: true,
    };
    expect(specOf({}, hostile)).toEqual(specOf());
  });

  test("containerSpec() confines system calls unless told otherwise", () => {
    expect(specOf().linux?.seccomp?.defaultAction).toBe("SCMP_ACT_ERRNO");
    expect(specOf({ security: { seccomp: "unconfined" } }).linux?.seccomp).toBeUndefined();
  });
});

describe("environment of a container", () => {
  const environment = (change: Partial<CreateContainerOptions>, env: string[]): readonly string[] =>
    specOf(change, { Cmd: ["sh"], Env: env }).process?.env ?? [];

  test("the user's variables replace the image's, which replace ours", () => {
    const env = environment({ process: { environment: { B: "user", TERM: "dumb" } } }, [
      "A=image",
      "B=image",
      "PATH=/bin",
    ]);
    expect(env).toEqual(
      expect.arrayContaining(["A=image", "B=user", "PATH=/bin", "TERM=dumb", "container=galley", "HOME=/root"]),
    );
    expect(env.filter((entry) => /^(B|PATH|TERM)=/.test(entry))).toHaveLength(3);
  });

  test("a value may hold what separates, and a name without a value is empty", () => {
    const env = environment({ process: { environment: { A: "b=c\nd" } } }, ["X=y=z", "EMPTY", "=nothing"]);
    expect(env).toEqual(expect.arrayContaining(["A=b=c\nd", "X=y=z", "EMPTY="]));
    expect(env.some((entry) => entry.startsWith("="))).toBe(false);
  });

  test.each(["__proto__", "constructor", "toString"])("a variable may be called %s", (name) => {
    expect(environment({}, [`${name}=value`])).toContain(`${name}=value`);
  });

  test("HOME is the user's, unless somebody says so", () => {
    expect(environment({ process: { user: "ada" } }, [])).toContain("HOME=/home/ada");
    expect(environment({ process: { user: "ada" } }, ["HOME=/image"])).toContain("HOME=/image");
    expect(environment({ process: { user: "ada", environment: { HOME: "/mine" } } }, ["HOME=/image"])).toContain(
      "HOME=/mine",
    );
  });
});

describe("containerCommand()", () => {
  test.each<[string, CreateContainerOptions["process"], ImageRecord["execution"], string[]]>([
    ["the image's command", {}, { Cmd: ["a", "b"] }, ["a", "b"]],
    ["the image's entrypoint and command", {}, { Entrypoint: ["e"], Cmd: ["c"] }, ["e", "c"]],
    [
      "the user's command after the image's entrypoint",
      { command: ["u"] },
      { Entrypoint: ["e"], Cmd: ["c"] },
      ["e", "u"],
    ],
    [
      "the user's entrypoint without the image's command",
      { entrypoint: ["x"] },
      { Entrypoint: ["e"], Cmd: ["c"] },
      ["x"],
    ],
    [
      "the user's entrypoint and command",
      { entrypoint: ["x"], command: ["u"] },
      { Entrypoint: ["e"], Cmd: ["c"] },
      ["x", "u"],
    ],
    [
      "the user's command alone, when the entrypoint is cleared",
      { entrypoint: [], command: ["u"] },
      { Entrypoint: ["e"] },
      ["u"],
    ],
    ["the image's command when the user's is empty", { command: [] }, { Cmd: ["c"] }, ["c"]],
  ])("containerCommand() is %s", (_, process = {}, execution, command) => {
    expect(containerCommand({ image: "image", process }, makeImage("image", execution))).toEqual(command);
  });

  test.each<[CreateContainerOptions["process"], ImageRecord["execution"]]>([
    [{}, {}],
    [{ entrypoint: [] }, { Entrypoint: ["e"], Cmd: ["c"] }],
    [{ command: [""] }, {}],
  ])("containerCommand() refuses %j where the image has %j", (process = {}, execution) => {
    const refused = expect.objectContaining({ kind: "invalid", code: "engine.no-command" });
    expect(() => containerCommand({ image: "image", process }, makeImage("image", execution))).toThrow(refused);
  });
});

describe("containerMounts()", () => {
  const places = (options: Partial<CreateContainerOptions>, own: Record<string, string> = files): string[] =>
    containerMounts({ image: "image", ...options }, own).map(({ destination }) => destination);

  test("containerMounts() puts outer places before inner ones, whoever asked for them", () => {
    const options = {
      files: {
        binds: ["/a/b/c", "/a", "/etc"].map((containerPath) => ({ hostPath: "/", containerPath, options: [] })),
        tmpfs: ["/a/b", "/run"].map((containerPath) => ({ containerPath, options: [] })),
      },
    };
    const order = places(options, {
      ...files,
      "/run/.containerenv": "/keep/containerenv",
      "/run/galley-init": "/programs/init",
    });
    const outer = [
      ["/a", "/a/b"],
      ["/a/b", "/a/b/c"],
      ["/run", "/run/galley-init"],
      ["/run", "/run/.containerenv"],
      ["/etc", "/etc/hosts"],
      ["/dev", "/dev/pts"],
    ];
    for (const [before = "", after = ""] of outer)
      expect([before, after, order.indexOf(before) < order.indexOf(after)]).toEqual([before, after, true]);
  });

  test.each(["/etc/hosts", "/etc/hosts/", "/dev/shm", "/dev//shm", "/sys/fs/cgroup"])(
    "containerMounts() lets what was asked for at %s replace our own",
    (containerPath) => {
      const normal = containerPath.replace(/\/+/g, "/").replace(/\/$/, "");
      const order = places({ files: { binds: [{ hostPath: "/srv", containerPath, options: [] }] } });
      expect(order.filter((place) => place.replace(/\/+/g, "/").replace(/\/$/, "") === normal)).toHaveLength(1);
    },
  );

  test.each([
    [[], ["rbind", "rprivate"]],
    [["ro"], ["rbind", "rprivate", "ro"]],
    [
      ["bind", "shared"],
      ["bind", "shared"],
    ],
    [
      ["rbind", "rslave", "noexec"],
      ["rbind", "rslave", "noexec"],
    ],
  ])("containerMounts() makes %j of a bind mount %j", (given, options) => {
    const mounts = containerMounts(
      { image: "image", files: { binds: [{ hostPath: "/srv", containerPath: "/data", options: given }] } },
      {},
    );
    expect(mounts.find(({ destination }) => destination === "/data")?.options?.toSorted()).toEqual(options.toSorted());
  });
});

describe("masks of a container", () => {
  const masks = (security: CreateContainerOptions["security"] = {}) => {
    const { maskedPaths, readonlyPaths } = specOf({ security }).linux ?? {};
    return { masked: maskedPaths ?? [], readonly: readonlyPaths ?? [] };
  };

  test("masks grow by what is asked for", () => {
    expect(masks({ maskedPaths: ["/secret"] }).masked).toEqual([...masks().masked, "/secret"]);
  });

  test("masks go one by one, by pattern, or all", () => {
    expect(masks({ unmaskedPaths: ["/proc/kcore"] }).masked).not.toContain("/proc/kcore");
    const byPattern = masks({ unmaskedPaths: ["/proc/*"] });
    expect(byPattern.readonly).toEqual([]);
    expect(byPattern.masked.filter((path) => path.startsWith("/proc"))).toEqual([]);
    expect(byPattern.masked).toContain("/sys/firmware");
    expect(masks({ unmaskedPaths: ["ALL"] })).toEqual({ masked: [], readonly: [] });
    expect(masks({ unmaskedPaths: ["all"], maskedPaths: ["/secret"] }).masked).toEqual(["/secret"]);
  });

  test("a pattern is no regular expression", () => {
    expect(masks({ unmaskedPaths: ["/proc/.*", "(", "[a-z", "/proc/kcor."] })).toEqual(masks());
  });

  test("privileged containers have none but those asked for", () => {
    expect(masks({ privileged: true })).toEqual({ masked: [], readonly: [] });
    expect(masks({ privileged: true, maskedPaths: ["/secret"] }).masked).toEqual(["/secret"]);
  });
});

describe("limits of a container", () => {
  const resources = (asked: CreateContainerOptions["resources"] = {}) => specOf({ resources: asked }).linux?.resources;

  test("there is as much swap as memory unless told otherwise", () => {
    expect(resources({ memoryBytes: 2 ** 26 })?.memory).toEqual({ limit: 2 ** 26, swap: 2 ** 27 });
    expect(resources({ memoryBytes: 2 ** 26, memorySwapBytes: -1 })?.memory).toEqual({ limit: 2 ** 26, swap: -1 });
    expect(resources()?.memory).toBeUndefined();
  });

  test.each([
    [undefined, 2048],
    [0, -1],
    [-1, -1],
    [20, 20],
  ])("a pids limit of %s is %d", (asked, limit) => {
    expect(resources(asked === undefined ? {} : { pidsLimit: asked })?.pids).toEqual({ limit });
  });

  test.each([
    [0.5, { quota: 50_000, period: 100_000 }],
    [1.5, { quota: 150_000, period: 100_000 }],
    [0.01, { quota: 1000, period: 100_000 }],
    [0, undefined],
  ])("%d processors are %j", (cpus, expected) => expect(resources({ cpus })?.cpu).toEqual(expected));
});
