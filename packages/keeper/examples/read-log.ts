import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keeperArguments, readLog } from "@galley/keeper";

// What a keeper is told: everything comes as inherited descriptors, paths and names.
const options = { descriptors: { child: 3, stdout: 4, log: 5, run: 6, keep: 7 }, rmdir: ["/sys/fs/cgroup/box"] };
console.log("keeper", ...keeperArguments(options));

// What it leaves behind: a log, here written by hand.
const directory = await mkdtemp(join(tmpdir(), "galley-example-"));
const path = join(directory, "log");
await writeFile(
  path,
  "2026-01-02T03:04:05.000000006+00:00 stdout P Hello, \n2026-01-02T03:04:05.100000000+00:00 stdout F world\n",
);
for await (const { partial, bytes } of readLog(path)) process.stdout.write(Buffer.from(bytes) + (partial ? "" : "\n"));
await rm(directory, { recursive: true });
