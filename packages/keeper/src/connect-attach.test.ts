import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { connectAttach } from "./connect-attach.ts";

const onLinux = process.platform === "linux";

test.skipIf(!onLinux)(
  "connectAttach() to a keeper that ends at once says that it is gone, also by a long path",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "galley-attach-"));
    const long = join(folder, "x".repeat(120));
    mkdirSync(long);
    const directory = await open(long);
    const server = createServer((socket) => void socket.destroy()); // with our greeting unread: the connection is reset
    await new Promise<void>((resolve) => server.listen(`/proc/self/fd/${directory.fd}/s`, resolve));
    try {
      for (let round = 0; round < 20; round++) {
        await expect(connectAttach(join(long, "s"), { stdout: true })).rejects.toMatchObject({ kind: "unavailable" });
      }
    } finally {
      server.close();
      await directory.close();
      rmSync(folder, { recursive: true });
    }
  },
);

test.skipIf(!onLinux)("connectAttach() says that nobody listens where there is no socket", async () => {
  await expect(connectAttach(join(tmpdir(), "galley-no-such-socket"), {})).rejects.toMatchObject({ kind: "not-found" });
});
