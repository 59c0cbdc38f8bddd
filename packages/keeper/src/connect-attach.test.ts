import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { connectAttach } from "./connect-attach.ts";

const onLinux = process.platform === "linux";

/** Another process that resets every connection at once: it leaves our greeting unread. */
const resetting = `
  const { createServer } = require("node:net");
  const server = createServer((socket) => socket.destroy());
  server.listen(process.argv[1], () => console.log("listening"));
`;

test.skipIf(!onLinux)("connectAttach() to a keeper that ends at once says that it is gone", async () => {
  const folder = mkdtempSync(join(tmpdir(), "galley-attach-"));
  const long = join(folder, "x".repeat(120)); // too long for an address, so that connecting takes one more turn
  mkdirSync(long);
  const directory = await open(long);
  const server = spawn(process.execPath, ["-e", resetting, `/proc/${process.pid}/fd/${directory.fd}/s`]);
  try {
    await once(server.stdout, "data");
    for (let round = 0; round < 100; round++) {
      const connecting = connectAttach(join(long, "s"), { stdout: true });
      await expect(connecting).rejects.toMatchObject({ kind: "unavailable" });
    }
  } finally {
    server.kill();
    await directory.close();
    rmSync(folder, { recursive: true });
  }
});

test.skipIf(!onLinux)("connectAttach() says that nobody listens where there is no socket", async () => {
  await expect(connectAttach(join(tmpdir(), "galley-no-such-socket"), {})).rejects.toMatchObject({ kind: "not-found" });
});
