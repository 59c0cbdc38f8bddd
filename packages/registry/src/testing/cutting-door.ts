import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";

/** A way to a registry on which connections break. */
export interface CuttingDoor {
  readonly address: string;
  cutsLeft: number;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Passes connections on, and resets one that has sent so many bytes while there are cuts left. */
export async function cuttingDoor(target: string, afterBytes: number): Promise<CuttingDoor> {
  const [host, port] = target.split(":");
  const server = createServer((socket) => {
    const inner = connect(Number(port), host);
    let sentBytes = 0;
    socket.on("data", (bytes) => {
      sentBytes += bytes.byteLength;
      if (!inner.write(bytes)) socket.pause();
      if (sentBytes < afterBytes || door.cutsLeft === 0) return;
      door.cutsLeft--;
      sentBytes = Number.NEGATIVE_INFINITY;
      socket.resetAndDestroy();
      inner.end();
    });
    inner.on("drain", () => socket.resume());
    inner.on("error", () => socket.destroy()).pipe(socket);
    socket.on("error", () => inner.end()).on("end", () => inner.end());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const door: CuttingDoor = {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    cutsLeft: 0,
    async [Symbol.asyncDispose]() {
      server.close();
    },
  };
  return door;
}
