import { once } from "node:events";
import { open } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import { containerPlaces, fileNames } from "../containers/container-places.ts";
import type { ContainerRecord } from "../containers/container-record.ts";
import type { Engine } from "../engine.ts";
import { exitText, writeExit, writePid } from "./keeper-records.ts";

/** Listens like the keeper of a container, and ends when it is told to. */
export interface FakeKeeper {
  /** How many clients have come. */
  readonly clients: readonly Socket[];
  /** The container has ended: writes the record, then tells the clients. */
  exit(code: number): Promise<void>;
  /** As SIGKILL would do it: nobody is told anything. */
  die(): Promise<void>;
}

/** A frame of the attach protocol, as the keeper's README has it: u8 type, three zero bytes, u32 little-endian length, payload. */
export function frame(type: number, payload: Uint8Array = new Uint8Array()): Buffer {
  const header = Buffer.alloc(8);
  header[0] = type;
  header.writeUInt32LE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

/** Starts one beside a container, whose first process is this very process unless its pid record is there already. */
export async function fakeKeeper(engine: Engine, record: ContainerRecord): Promise<FakeKeeper> {
  const clients: Socket[] = [];
  const server = createServer((socket) => {
    clients.push(socket);
    socket.on("error", () => {});
    socket.once("data", () => socket.write(frame(4))); // whatever it says first is hello
  });
  writePid(engine, record);
  // The path is too long for an address, unix(7); that of its directory's descriptor is not.
  const directory = await open(containerPlaces(engine, record.id).runDirectory);
  server.listen(`/proc/self/fd/${directory.fd}/${fileNames.socket}`);
  await once(server, "listening");
  const stopListening = async (): Promise<void> => {
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  const close = async (): Promise<void> => {
    for (const client of clients) client.destroy();
    await stopListening();
    await directory.close();
  };
  onTestFinished(close);
  return {
    clients,
    die: async () => {
      for (const client of clients) client.destroy();
      await stopListening();
    },
    exit: async (code) => {
      writeExit(engine, record, { code });
      for (const client of clients) client.end(frame(3, Buffer.from(exitText({ code }))));
      await stopListening();
    },
  };
}
