import { galleyError, parseReference } from "@galley/spec";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { main } from "./main.ts";
import { output } from "./output/print.ts";

const now = Date.UTC(2026, 0, 31, 12);
const id = "6255d8dbb44dbdf4c99c9b043648a59eeb26fb2379244357f10c18c498ff3c25";
const unknown = (name: string) =>
  galleyError(
    "not-found",
    "engine.container-unknown",
    `no container with name or ID "${name}" found: no such container`,
  );

/** The engine as the commands see it; what each test needs it sets itself. */
const engine = vi.hoisted(() => ({
  openEngine: vi.fn(),
  listContainers: vi.fn(),
  reclaimContainers: vi.fn(),
  listImages: vi.fn(),
  imageFilter: vi.fn(() => () => true),
  imageBytes: vi.fn(({ sizeBytes }: { readonly sizeBytes: number }) => sizeBytes),
  imageExists: vi.fn(),
  findContainer: vi.fn(),
  removeContainer: vi.fn(),
  removeImage: vi.fn(),
  stopContainer: vi.fn(),
  killContainer: vi.fn(),
  startContainer: vi.fn(),
  waitContainer: vi.fn(),
  runContainer: vi.fn(),
  createContainer: vi.fn(),
  execInContainer: vi.fn(),
  pullImage: vi.fn(),
  tagImage: vi.fn(),
  readContainerLogs: vi.fn(),
  inspectContainer: vi.fn(),
  inspectImage: vi.fn(),
  explainRun: vi.fn(),
  cleanupContainer: vi.fn(),
  engineInfo: vi.fn(),
  engineVersion: { version: "0.0.0" },
}));
vi.mock("@galley/engine", () => engine);

let out: string;
let err: string;

beforeEach(() => {
  out = "";
  err = "";
  vi.spyOn(output, "writeSync").mockImplementation(((fd: number, bytes: Uint8Array) => {
    if (fd === 1) out += Buffer.from(bytes).toString();
    else err += Buffer.from(bytes).toString();
    return bytes.length;
  }) as never);
  vi.spyOn(Date, "now").mockReturnValue(now);
  vi.spyOn(process, "geteuid").mockReturnValue(0);
  engine.openEngine.mockReturnValue({ [Symbol.dispose]() {} });
});
afterEach(() => {
  vi.restoreAllMocks();
  for (const verb of Object.values(engine)) if (typeof verb === "function") verb.mockReset();
});

const summary = {
  id,
  name: "web",
  imageName: "localhost/bb:latest",
  imageId: "0be3227a8729",
  command: ["sh", "-c", "while :; do\nsleep 1; done"],
  createdAtMs: now - 5000,
  startedAtMs: now - 4000,
  status: "running",
  pid: 7,
  labels: {},
  network: "none",
};
const attachment = (code: number) => ({
  exited: Promise.resolve({ code }),
  write: async () => {},
  endStdin() {},
  resize() {},
  close() {},
});

describe("main()", () => {
  test("main() prints the version", async () => {
    expect(await main(["--version"])).toBe(0);
    expect(await main(["-v"])).toBe(0);
    expect(out).toMatch(/^(galley version \d+\.\d+\.\d+\n){2}$/);
    expect(engine.openEngine).not.toHaveBeenCalled();
  });

  test.each([
    [["--help"], "Usage:\n  galley [options] COMMAND"],
    [["help"], "Usage:\n  galley [options] COMMAND"],
    [["-h"], "Usage:\n  galley [options] COMMAND"],
    [["help", "run"], "Usage:\n  galley run [options] IMAGE"],
    [["run", "--help"], "Usage:\n  galley run [options] IMAGE"],
    [["ps", "-h"], "Usage:\n  galley ps [options]"],
    [["image", "--help"], "Usage:\n  galley image COMMAND"],
    [["image", "ls", "--help"], "Usage:\n  galley image ls [options] [IMAGE]"],
  ])("main(%j) prints help", async (args, usage) => {
    expect(await main(args)).toBe(0);
    expect(out).toContain(usage);
  });

  test.each([
    [[], "Error: missing command 'galley COMMAND'\nSee 'galley --help'\n"],
    [["image"], "Error: missing command 'galley image COMMAND'\nSee 'galley --help'\n"],
    [["frob"], "Error: unrecognized command `galley frob`\nSee 'galley --help'\n"],
    [
      ["imges"],
      "Error: unrecognized command `galley imges`\nDid you mean galley images or galley image?\nSee 'galley --help'\n",
    ],
    [["image", "frob"], "Error: unrecognized command `galley image frob`\nSee 'galley --help'\n"],
    [["ps", "--foo"], "Error: unknown flag: --foo\nSee 'galley ps --help'\n"],
    [["run", "--foo", "image"], "Error: unknown flag: --foo\nSee 'galley run --help'\n"],
    [["run"], "Error: requires at least 1 arg(s), only received 0\nSee 'galley run --help'\n"],
    [["ps", "x"], "Error: `galley ps` takes no arguments\nSee 'galley ps --help'\n"],
    [["image", "exists"], "Error: accepts 1 arg(s), received 0\nSee 'galley image exists --help'\n"],
    [["images", "a", "b"], "Error: accepts at most 1 arg(s), received 2\nSee 'galley images --help'\n"],
    [["rm"], "Error: you must provide at least one name or id\nSee 'galley rm --help'\n"],
    [["--root"], "Error: flag needs an argument: --root\nSee 'galley --help'\n"],
    [["ps", "--format", "{{.ID}}"], "Error: Go templates are not supported yet: --format takes json\n"],
    [["run", "--network", "bridge", "i"], 'Error: network "bridge" is not supported yet: it can be none or host\n'],
    [["run", "-v", "data:/data", "i"], 'Error: volume "data": named volumes are not supported yet\n'],
    [["explain", "ps"], "Error: only run can be explained, not \"ps\"\nSee 'galley explain --help'\n"],
  ])("main(%j) tells what is wrong and ends with 125", async (args, told) => {
    expect(await main(args)).toBe(125);
    expect(err).toBe(told);
  });

  test("main() refuses an unknown log level", async () => {
    expect(await main(["--log-level", "foo", "ps"])).toBe(125);
    expect(err).toMatch(/^Error: log level "foo" is not supported, choose from: trace, .*\n$/);
  });

  test("main() tells an error in one line, and its causes when asked to", async () => {
    engine.listContainers.mockImplementation(() => {
      throw galleyError("corrupt", "x", "read\n  the records", { cause: new Error("bad page") });
    });
    expect(await main(["ps"])).toBe(125);
    expect(err).toBe("Error: read the records\n");
    await main(["--log-level", "debug", "ps"]);
    expect(err).toContain("caused by Error: bad page");
  });

  test("main() takes places before and after the command", async () => {
    engine.listContainers.mockReturnValue([]);
    await main(["--root", "/a", "--runroot", "/b", "ps", "--root=/c"]);
    expect(engine.openEngine.mock.calls[0]?.[0]).toEqual({ root: "/c", runroot: "/b" });
  });

  test("main() says that a command needs root, and lets others through", async () => {
    vi.spyOn(process, "geteuid").mockReturnValue(1000);
    expect(await main(["run", "image"])).toBe(125);
    expect(err).toBe("Error: galley run needs root: containers of other users are not supported yet\n");
    engine.listImages.mockReturnValue([]);
    expect(await main(["images"])).toBe(0);
  });

  test("main() ends like others when nobody reads its output", async () => {
    engine.listContainers.mockReturnValue([]);
    vi.spyOn(output, "writeSync").mockImplementation(() => {
      throw Object.assign(new Error("EPIPE"), { code: "EPIPE" });
    });
    expect(await main(["ps"])).toBe(141);
  });
});

describe("main() ps", () => {
  test("main() ps prints podman's columns, one line a container", async () => {
    engine.listContainers.mockReturnValue([summary]);
    expect(await main(["ps"])).toBe(0);
    expect(out).toBe(
      "CONTAINER ID  IMAGE                COMMAND               CREATED        STATUS            PORTS       NAMES\n" +
        "6255d8dbb44d  localhost/bb:latest  sh -c while :; do...  5 seconds ago  Up 4 seconds ago              web\n",
    );
  });

  test("main() ps tells each state", async () => {
    const states = [
      { ...summary, status: "exited", exit: { code: 137, finishedAtMs: now - 60_000, outOfMemory: false } },
      { ...summary, status: "exited", exit: { outOfMemory: false } },
      { ...summary, status: "created" },
      { ...summary, status: "starting" },
    ];
    engine.listContainers.mockReturnValue(states);
    await main(["ps", "-a", "--noheading"]);
    for (const words of ["Exited (137) About a minute ago", "Exited (unknown)", "Created", "Starting"])
      expect(out).toContain(` ${words} `);
    expect(engine.listContainers.mock.calls[0]?.[1]).toEqual({ all: true });
  });

  test("main() ps shows the newest last, and so many of them as asked for", async () => {
    engine.listContainers.mockReturnValue([
      { ...summary, id: "new" },
      { ...summary, id: "old" },
    ]);
    await main(["ps", "-q"]);
    await main(["ps", "-q", "-n", "1"]);
    await main(["ps", "-ql"]);
    expect(out).toBe("old\nnew\nnew\nnew\n");
  });

  test("main() ps prints JSON in podman's shape, without an exit code that nobody saw", async () => {
    engine.listContainers.mockReturnValue([
      { ...summary, status: "exited", exit: { outOfMemory: false }, pid: undefined },
    ]);
    await main(["ps", "-a", "--format", "json"]);
    expect(JSON.parse(out)).toMatchObject([
      {
        Id: id,
        Names: ["web"],
        Exited: true,
        ExitCode: null,
        Pid: 0,
        State: "exited",
        ExitedAt: -62_135_596_800,
        Created: (now - 5000) / 1000,
      },
    ]);
  });

  test("main() ps prints no line for no ids, and an empty list as JSON", async () => {
    engine.listContainers.mockReturnValue([]);
    await main(["ps", "-q"]);
    expect(out).toBe("");
    await main(["ps", "--format=json"]);
    expect(out).toBe("[]\n");
  });
});

describe("main() images", () => {
  const image = {
    id: "0be3227a8729abdf606b6411fbe31ee98da8a783e64a923be07ab1115214180c",
    names: ["docker.io/library/bb:latest", "localhost/x/bb:1"],
    manifest: { digest: "sha256:4893" },
    sizeBytes: 1_997_895,
    createdAtMs: now - 3_600_000,
    execution: {},
    repositoryDigests: ["docker.io/library/bb@sha256:4893"],
  };
  const nameless = { ...image, id: "ff".repeat(32), names: [] };

  test("main() images prints a row a name", async () => {
    engine.listImages.mockReturnValue([image, nameless]);
    await main(["images"]);
    expect(out).toBe(
      "REPOSITORY            TAG         IMAGE ID      CREATED            SIZE\n" +
        "docker.io/library/bb  latest      0be3227a8729  About an hour ago  2 MB\n" +
        "localhost/x/bb        1           0be3227a8729  About an hour ago  2 MB\n" +
        "<none>                <none>      ffffffffffff  About an hour ago  2 MB\n",
    );
  });

  test.each([
    ["bb", 2],
    ["bb:1", 1],
    ["x/bb", 1],
    ["docker.io/library/bb:latest", 1],
    ["b", 0],
    ["ffff", 1],
  ])("main() images %s finds %i rows", async (wanted, rows) => {
    engine.listImages.mockReturnValue([image, nameless]);
    await main(["image", "ls", "--noheading", wanted]);
    expect(out.split("\n").length - 1).toBe(rows);
  });

  test("main() images -q prints each image once", async () => {
    engine.listImages.mockReturnValue([image, nameless]);
    await main(["images", "-q"]);
    expect(out).toBe("0be3227a8729\nffffffffffff\n");
  });

  test("main() images prints JSON in podman's shape", async () => {
    engine.listImages.mockReturnValue([image]);
    await main(["images", "--format", "json"]);
    expect(JSON.parse(out)).toMatchObject([
      { Id: image.id, Names: image.names, Digest: "sha256:4893", Size: 1_997_895, CreatedAt: "2026-01-31T11:00:00Z" },
    ]);
  });

  test("main() image exists answers by its exit code", async () => {
    engine.imageExists.mockReturnValueOnce(true).mockReturnValueOnce(false);
    expect([await main(["image", "exists", "a"]), await main(["image", "exists", "b"])]).toEqual([0, 1]);
    expect(out + err).toBe("");
  });

  test("main() rmi prints what went away and tells missing from used", async () => {
    engine.removeImage.mockResolvedValueOnce({ untagged: ["a:latest"], deleted: ["123"] });
    expect(await main(["rmi", "a"])).toBe(0);
    expect(out).toBe("Untagged: a:latest\nDeleted: 123\n");
    engine.removeImage.mockRejectedValue(galleyError("conflict", "engine.image-in-use", "image used by x"));
    expect(await main(["rmi", "a"])).toBe(2);
    engine.removeImage.mockRejectedValue(galleyError("not-found", "engine.image-unknown", "a: image not known"));
    expect(await main(["rmi", "a"])).toBe(1);
    expect(await main(["rmi", "-f", "a"])).toBe(0);
  });
});

describe("main() run", () => {
  test("main() run ends with the container's exit code, its end booked", async () => {
    const finish = vi.fn(async () => ({}));
    engine.imageExists.mockReturnValue(true);
    engine.runContainer.mockResolvedValue({ id, name: "x", pid: 1, attachment: attachment(7), finish });
    expect(await main(["run", "--rm", "-e", "A=b", "bb", "sh", "-c", "exit 7"])).toBe(7);
    expect(finish).toHaveBeenCalledOnce();
    expect(engine.runContainer.mock.calls[0]?.[1]).toMatchObject({
      image: "bb",
      process: { command: ["sh", "-c", "exit 7"], environment: { A: "b" } },
    });
    expect(engine.pullImage).not.toHaveBeenCalled();
  });

  test("main() run -d prints the id and does not connect", async () => {
    engine.imageExists.mockReturnValue(true);
    engine.runContainer.mockResolvedValue({ id, name: "x", pid: 1, finish: vi.fn() });
    expect(await main(["run", "-d", "bb"])).toBe(0);
    expect(out).toBe(`${id}\n`);
    expect(engine.runContainer.mock.calls[0]?.[2]).toBeUndefined();
  });

  test.each([
    ["runtime.command-not-found", "not-found", 127],
    ["runtime.not-executable", "forbidden", 126],
    ["engine.name-in-use", "conflict", 125],
  ] as const)("main() run ends a failure %s (%s) with %i", async (code, kind, exitCode) => {
    engine.imageExists.mockReturnValue(true);
    engine.runContainer.mockRejectedValue(galleyError(kind, code, "no"));
    expect(await main(["run", "bb"])).toBe(exitCode);
    expect(err).toBe("Error: no\n");
  });

  test("main() run pulls what is missing, and never what must not be pulled", async () => {
    engine.imageExists.mockReturnValue(false);
    engine.pullImage.mockImplementation(async (_engine, name, { onAttempt }) => {
      onAttempt({ reference: parseReference(`${name}:latest`), by: "name" });
      return { id: "1" };
    });
    engine.runContainer.mockResolvedValue({ id, name: "x", pid: 1, attachment: attachment(0), finish: async () => {} });
    expect(await main(["run", "--tls-verify=false", "docker://localhost/bb"])).toBe(0);
    expect(engine.pullImage.mock.calls[0]?.slice(1)).toMatchObject([
      "localhost/bb",
      { policy: "missing", tlsVerify: false },
    ]);
    expect(err).toMatch(/^Trying to pull localhost\/bb:latest\.\.\.\n/);
    expect(await main(["run", "--pull=never", "bb"])).toBe(125);
    expect(err).toContain("Error: bb: image not known\n");
  });

  test("main() run -q pulls without a word", async () => {
    engine.imageExists.mockReturnValue(false);
    engine.pullImage.mockResolvedValue({ id: "1" });
    engine.runContainer.mockResolvedValue({ id, name: "x", pid: 1, attachment: attachment(0), finish: async () => {} });
    await main(["run", "-q", "bb"]);
    expect(out + err).toBe("");
  });

  test("main() run hands on that the keeper is gone, never a silent 0", async () => {
    engine.imageExists.mockReturnValue(true);
    const exited = Promise.reject(galleyError("unavailable", "keeper.gone", "attach: the keeper is gone"));
    engine.runContainer.mockResolvedValue({
      id,
      name: "x",
      pid: 1,
      attachment: { ...attachment(0), exited },
      finish: vi.fn(),
    });
    expect(await main(["run", "bb"])).toBe(125);
    expect(err).toBe("Error: attach: the keeper is gone\n");
  });
});

describe("main() on running containers", () => {
  test("main() exec ends with the command's exit code", async () => {
    engine.execInContainer.mockResolvedValue({ id, pid: 1, attachment: attachment(3), finish: async () => 3 });
    expect(await main(["exec", "-w", "/", "-u", "1", "--env", "A=b", "web", "sh", "-c", "exit 3"])).toBe(3);
    expect(engine.execInContainer.mock.calls[0]?.slice(1)).toMatchObject([
      "web",
      { command: ["sh", "-c", "exit 3"], environment: { A: "b" }, user: "1", workingDirectory: "/" },
    ]);
  });

  test("main() exec ends with 255 when the container does not run", async () => {
    engine.execInContainer.mockRejectedValue(galleyError("conflict", "engine.container-not-running", "not running"));
    expect(await main(["exec", "web", "ls"])).toBe(255);
    expect(err).toBe("Error: not running\n");
  });

  test("main() start -a asks the container whether it has a terminal", async () => {
    engine.findContainer.mockReturnValue({ id, options: { process: { openStdin: false, terminal: false } } });
    engine.startContainer.mockResolvedValue({
      id,
      name: "web",
      pid: 1,
      attachment: attachment(4),
      finish: async () => {},
    });
    expect(await main(["start", "-a", "web"])).toBe(4);
    expect(await main(["start", "-a", "web", "db"])).toBe(125);
  });

  test("main() stop, kill, start and rm print what was given and go on after a failure", async () => {
    engine.stopContainer.mockImplementation(async (_: unknown, name: string) => {
      if (name === "nope") throw unknown(name);
    });
    expect(await main(["stop", "-t", "2", "a", "nope", "b"])).toBe(125);
    expect(out).toBe("a\nb\n");
    expect(err).toBe('Error: no container with name or ID "nope" found: no such container\n');
    expect(engine.stopContainer.mock.calls[0]?.[2]).toEqual({ timeoutS: 2 });
    expect(await main(["stop", "-i", "nope"])).toBe(0);
    expect(await main(["kill", "-s", "hup", "a"])).toBe(0);
    expect(engine.killContainer.mock.calls[0]?.[2]).toBe("1");
    expect(await main(["kill", "-s", "FOO", "a"])).toBe(125);
    expect(await main(["start", "a"])).toBe(0);
  });

  test("main() rm tells missing from running by its exit code", async () => {
    engine.removeContainer.mockRejectedValue(unknown("a"));
    expect(await main(["rm", "a"])).toBe(1);
    expect(await main(["rm", "--ignore", "a"])).toBe(0);
    engine.removeContainer.mockRejectedValue(galleyError("conflict", "engine.container-running", "running"));
    expect(await main(["rm", "a"])).toBe(2);
  });

  test("main() rm -fa removes all, the timeout passed on", async () => {
    engine.listContainers.mockReturnValue([summary]);
    expect(await main(["rm", "-fa", "-t", "0"])).toBe(0);
    expect(engine.removeContainer.mock.calls[0]?.slice(1)).toEqual([id, { force: true, timeoutS: 0 }]);
  });

  test("main() wait prints codes, and -1 for one that nobody saw", async () => {
    engine.waitContainer.mockResolvedValueOnce(0).mockResolvedValueOnce(undefined);
    expect(await main(["wait", "a", "b"])).toBe(0);
    expect(out).toBe("0\n-1\n");
    expect(err).toContain("nobody saw how container b ended");
  });

  test("main() logs puts partial lines together and streams apart", async () => {
    const line = (stream: string, partial: boolean, text: string) => ({
      time: "2026-01-31T12:00:00+00:00",
      stream,
      partial,
      bytes: Buffer.from(text),
    });
    engine.readContainerLogs.mockImplementation(async function* () {
      yield line("stdout", true, "a");
      yield line("stderr", false, "x");
      yield line("stdout", false, "b");
    });
    expect(await main(["logs", "-t", "--tail", "5", "--since", "10m", "web"])).toBe(0);
    expect(out).toBe("2026-01-31T12:00:00Z ab\n");
    expect(err).toBe("2026-01-31T12:00:00Z x\n");
    expect(engine.readContainerLogs.mock.calls[0]?.[2]).toEqual({ follow: false, tail: 5, sinceMs: now - 600_000 });
  });

  test("main() inspect prints what is there and names what is not", async () => {
    engine.inspectContainer.mockImplementation((_: unknown, name: string) => {
      if (name !== "web") throw unknown(name);
      return { Id: id };
    });
    engine.inspectImage.mockImplementation((_: unknown, name: string) => {
      throw galleyError("not-found", "engine.image-unknown", `${name}: image not known`);
    });
    expect(await main(["inspect", "web"])).toBe(0);
    expect(JSON.parse(out)).toEqual([{ Id: id }]);
    expect(await main(["inspect", "nope"])).toBe(125);
    expect(err).toBe('Error: inspecting object: no such object: "nope"\n');
    expect(await main(["inspect", "--type", "foo", "web"])).toBe(125);
  });

  test("main() container cleanup calls the engine", async () => {
    expect(await main(["container", "cleanup", id])).toBe(0);
    expect(engine.cleanupContainer.mock.calls[0]?.[1]).toBe(id);
  });
});

describe("main() explain", () => {
  const plan = {
    title: "run bb",
    lane: { lane: "host", steps: [{ op: "session", args: {}, by: "runtime", why: "leave the caller's session" }] },
  };

  test("main() explain run prints numbered steps with their packages, for any user", async () => {
    vi.spyOn(process, "geteuid").mockReturnValue(1000);
    engine.explainRun.mockResolvedValue({ plan, notes: ["bb is not in the store"] });
    expect(await main(["explain", "run", "-m", "64m", "bb", "sh", "--x"])).toBe(0);
    expect(out).toBe(
      "run bb\nnote: bb is not in the store\n\nlane host\n   1 runtime  leave the caller's session  [session]\n",
    );
    expect(engine.explainRun.mock.calls[0]?.[1]).toMatchObject({ image: "bb", process: { command: ["sh", "--x"] } });
  });

  test.each([[["explain", "--format", "json", "run", "bb"]], [["explain", "run", "--format=json", "bb"]]])(
    "main(%j) prints the plan as data",
    async (args) => {
      engine.explainRun.mockResolvedValue({ plan, notes: [] });
      expect(await main(args)).toBe(0);
      expect(JSON.parse(out)).toMatchObject({
        title: "run bb",
        notes: [],
        lanes: [{ lane: "host", steps: [{ number: 1, op: "session", by: "runtime" }] }],
      });
    },
  );
});
