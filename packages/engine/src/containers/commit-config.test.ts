import { expect, test } from "vitest";
import { commitChanges, commitConfig } from "./commit-config.ts";
import type { ContainerRecord } from "./container-record.ts";
import type { CreateContainerOptions } from "./options.ts";

const record = (options: Partial<CreateContainerOptions>): ContainerRecord => ({
  id: "0".repeat(64),
  name: "c",
  imageId: "1".repeat(64),
  imageName: "i",
  createdAtMs: 0,
  options: { image: "i", ...options },
  command: ["x"],
});
const image = { Entrypoint: ["/e"], Cmd: ["c"], User: "1", WorkingDir: "/w", OnBuild: ["RUN x"] };

test("commitConfig() is the image's where the container was told nothing", () => {
  expect(commitConfig(record({}), image)).toEqual(image);
});

test.each([
  ["a command", { command: ["a"] }, { ...image, Cmd: ["a"] }],
  ["an entrypoint, which clears the command", { entrypoint: ["/n"] }, { ...image, Entrypoint: ["/n"], Cmd: undefined }],
  ["both", { entrypoint: ["/n"], command: ["a"] }, { ...image, Entrypoint: ["/n"], Cmd: ["a"] }],
  ["no entrypoint", { entrypoint: [], command: ["a"] }, { ...image, Entrypoint: undefined, Cmd: ["a"] }],
  ["user and directory", { user: "2:3", workingDirectory: "/d" }, { ...image, User: "2:3", WorkingDir: "/d" }],
])("commitConfig() takes %s of the container", (_, process, expected) => {
  expect(commitConfig(record({ process }), image)).toEqual(expected);
});

test("commitConfig() takes the stop signal, commitChanges() variables, labels and, where asked, volumes", () => {
  expect(commitConfig(record({ life: { stopSignal: "SIGUSR1" } }), {})).toEqual({ StopSignal: "SIGUSR1" });
  const binds = [{ hostPath: "/h", containerPath: "/data", options: [] }];
  const told = record({ process: { environment: { A: "b" } }, labels: { l: "m" }, files: { binds } });
  const plain = [
    { type: "env", values: { A: "b" } },
    { type: "label", values: { l: "m" } },
  ];
  expect(commitChanges(told, false)).toEqual(plain);
  expect(commitChanges(told, true)).toEqual([...plain, { type: "volume", paths: ["/data"] }]);
  expect(commitChanges(record({}), true)).toEqual([{ type: "env", values: {} }]);
});
