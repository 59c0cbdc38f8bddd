import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { readRegistriesConf } from "./read-registries-conf.ts";

const made: string[] = [];
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "galley-conf-"));
  made.push(folder);
});
afterAll(() => Promise.all(made.map((each) => rm(each, { recursive: true }))));

async function put(path: string, text: string): Promise<string> {
  const whole = join(folder, path);
  await mkdir(dirname(whole), { recursive: true });
  await writeFile(whole, text);
  return whole;
}

const read = (environment: Record<string, string> = {}) =>
  readRegistriesConf({
    environment: { HOME: join(folder, "home"), ...environment },
    systemDirectory: join(folder, "etc"),
  });

test("readRegistriesConf() says nothing where there is no file", async () => {
  expect(await read()).toEqual({
    path: join(folder, "etc/registries.conf"),
    shortNameMode: "permissive",
    credentialHelpers: [],
    aliases: new Map(),
    registries: [],
  });
});

test("readRegistriesConf() takes every setting over", async () => {
  const path = await put(
    "etc/registries.conf",
    `# comment
unqualified-search-registries = ["one.example", "localhost:5000/"]
short-name-mode = "enforcing"
credential-helpers = ["containers-auth.json", "secret"]
unknown = 1
[aliases]
"fedora" = "registry.example/fedora"
[[registry]]
prefix = "example.com/foo"
location = "internal.example/bar/"
[[registry.mirror]]
location = "mirror-0.local/mirror-for-foo"
pull-from-mirror = "tag-only"
[[registry.mirror]]
location = "mirror-1.local"
insecure = true
[[registry]]
location = "blocked.example"
blocked = true
insecure = true
mirror-by-digest-only = true
[[registry.mirror]]
location = "m"
[[registry]]
prefix = "*.wild.example"
`,
  );
  const common = { insecure: false, blocked: false, mirrors: [] };
  expect(await read()).toEqual({
    path,
    searchRegistries: ["one.example", "localhost:5000"],
    shortNameMode: "enforcing",
    credentialHelpers: ["containers-auth.json", "secret"],
    aliases: new Map([["fedora", { target: "registry.example/fedora", path }]]),
    registries: [
      {
        ...common,
        prefix: "example.com/foo",
        location: "internal.example/bar",
        mirrors: [
          { location: "mirror-0.local/mirror-for-foo", insecure: false, pulls: "tag-only" },
          { location: "mirror-1.local", insecure: true, pulls: "all" },
        ],
      },
      {
        prefix: "blocked.example",
        location: "blocked.example",
        blocked: true,
        insecure: true,
        mirrors: [{ location: "m", insecure: false, pulls: "digest-only" }],
      },
      { ...common, prefix: "*.wild.example", location: "" },
    ],
  });
});

test("readRegistriesConf() prefers the user's file, and then adds the system's and the user's drop-ins by name", async () => {
  await put("etc/registries.conf", `unqualified-search-registries = ["system"]`);
  const main = await put("home/.config/containers/registries.conf", `unqualified-search-registries = ["user"]`);
  expect(await read()).toMatchObject({ path: main, searchRegistries: ["user"] });

  await put("etc/registries.conf.d/ignored.txt", "this is [not] TOML");
  await put(
    "etc/registries.conf.d/20.conf",
    `[[registry]]\nlocation = "a"\ninsecure = true\n[aliases]\nx = "b.example/x"\ny = ""`,
  );
  await put(
    "etc/registries.conf.d/10.conf",
    `[[registry]]\nlocation = "a"\nblocked = true\n[aliases]\ny = "a.example/y"`,
  );
  const last = await put(
    "home/.config/containers/registries.conf.d/00.conf",
    `short-name-mode = "disabled"\n[aliases]\nx = "c.example/x"`,
  );
  expect(await read()).toMatchObject({
    shortNameMode: "disabled",
    searchRegistries: ["user"],
    aliases: new Map([["x", { target: "c.example/x", path: last }]]),
    registries: [{ prefix: "a", insecure: true, blocked: false }],
  });
});

test("readRegistriesConf() reads CONTAINERS_REGISTRIES_CONF instead of the main files, and still the drop-ins", async () => {
  await put("etc/registries.conf", "this is [not] TOML");
  await put("etc/registries.conf.d/a.conf", `[aliases]\nx = "b.example/x"`);
  const path = await put("other.conf", `unqualified-search-registries = []`);
  const conf = await read({ CONTAINERS_REGISTRIES_CONF: path });
  expect(conf).toMatchObject({ path, searchRegistries: [] });
  expect(conf.aliases.size).toBe(1);
  await expect(read({ CONTAINERS_REGISTRIES_CONF: join(folder, "gone") })).rejects.toMatchObject({ kind: "invalid" });
});

test("readRegistriesConf() reads a given file alone", async () => {
  await put("etc/registries.conf.d/a.conf", `[aliases]\nx = "b.example/x"`);
  const path = await put("only.conf", "# nothing\n\n  # at all");
  const systemDirectory = join(folder, "etc");
  expect((await readRegistriesConf({ environment: {}, path, systemDirectory })).aliases.size).toBe(0);
});

test.each([
  ["not TOML", "foo = \n", "line 1: "],
  [
    "a value of another type",
    `[[registry]]\nlocation = "a"\nblocked = "true"`,
    "registry[0].blocked must be true or false",
  ],
  ["a list of numbers", "unqualified-search-registries = [1]", "unqualified-search-registries must be a list of texts"],
  ["a registry that is no table", `registry = "x"`, "registry must be a list of tables"],
  ["an unknown mode", `short-name-mode = "strict"`, "short-name-mode must be enforcing, permissive or disabled"],
  [
    "a wildcard with a path",
    `[[registry]]\nprefix = "*.a.com/x"`,
    "registry[0].prefix must have its * in front of a domain: *.example.com",
  ],
  [
    "a wildcard in the middle",
    `[[registry]]\nprefix = "a.*.com"\nlocation = "b"`,
    "registry[0].prefix must have its *",
  ],
  ["a prefix without a location", `[[registry]]\nprefix = "a.com/x"`, "registry[0].location is missing"],
  ["a registry without anything", `[[registry]]`, "registry[0].location is missing"],
  [
    "a location with a scheme",
    `[[registry]]\nlocation = "https://a.com"`,
    "registry[0].location must not begin with a scheme",
  ],
  ["a search registry with a scheme", `unqualified-search-registries = ["http://a"]`, "must not begin with a scheme"],
  [
    "a mirror without a location",
    `[[registry]]\nlocation = "a"\n[[registry.mirror]]`,
    "registry[0].mirror[0].location is missing",
  ],
  [
    "an unknown choice of pulls",
    `[[registry]]\nlocation = "a"\n[[registry.mirror]]\nlocation = "b"\npull-from-mirror = "x"`,
    "registry[0].mirror[0].pull-from-mirror must be all, digest-only or tag-only",
  ],
  [
    "both limits of pulls",
    `[[registry]]\nlocation = "a"\nmirror-by-digest-only = true\n[[registry.mirror]]\nlocation = "b"\npull-from-mirror = "all"`,
    "cannot be set beside mirror-by-digest-only",
  ],
  ["an alias with a tag", `[aliases]\n"x:1" = "a.com/x"`, "aliases.x:1 must be a short name"],
  ["an alias that is a full name", `[aliases]\n"a.com/x" = "a.com/x"`, "aliases.a.com/x must be a short name"],
  ["an alias for a short name", `[aliases]\nx = "y"`, "aliases.x must stand for a full name"],
  ["an alias for a tag", `[aliases]\nx = "a.com/y:1"`, "aliases.x must stand for a full name"],
  ["an alias for a number", `[aliases]\nx = 1`, "aliases.x must be a text"],
  [
    "a contradiction",
    `[[registry]]\nlocation = "a"\n[[registry]]\nlocation = "a"\nblocked = true`,
    "registry a is defined twice and the definitions contradict each other in blocked",
  ],
  ["version 1", `[registries.search]\nregistries = ["a"]`, "registries belongs to version 1 of the format"],
  ["what is too large", "#".repeat(1024 * 1024 + 1), "the file is too large"],
])("readRegistriesConf() refuses %s and says where", async (_, text, why) => {
  const path = await put("etc/registries.conf", text);
  const error = await read().catch((cause: unknown) => cause as Error);
  expect(error).toMatchObject({ kind: "invalid", code: "registry.bad-registries-conf" });
  expect((error as Error).message).toContain(`loading registries configuration ${JSON.stringify(path)}: `);
  expect((error as Error).message).toContain(why);
  expect((error as Error).message).not.toContain("\n");
});

test("readRegistriesConf() does not stumble over names of objects' own properties", async () => {
  await put("etc/registries.conf", `[aliases]\n"constructor" = "a.example/x"\n"tostring" = "a.example/z"`);
  const { aliases } = await read();
  expect([...aliases.keys()]).toEqual(expect.arrayContaining(["constructor", "tostring"]));
  expect(({} as Record<string, unknown>)["target"]).toBeUndefined();
});
