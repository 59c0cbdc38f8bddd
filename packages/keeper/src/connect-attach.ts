import type { Socket } from "node:net";
import { basename, dirname } from "node:path";
import { galleyError } from "@galley/spec";
import { type Attachment, type AttachOptions, type AttachWants, attach } from "./attach.ts";
import { maximalSocketPathBytes } from "./limits.ts";

/**
 * Connects to a keeper's attach socket. When it resolves, all output from then on is delivered.
 *
 * @throws GalleyError `not-found` when no keeper listens there (any more), `unavailable` when it has no place left.
 * @example
 * await using attachment = await connectAttach("/run/galley/ID/attach.sock", { stdout: true }, { onOutput });
 */
export async function connectAttach(
  socketPath: string,
  wants: AttachWants,
  options: AttachOptions = {},
): Promise<Attachment> {
  const stream = await connect(socketPath);
  const attachment = attach(stream, options);
  try {
    // A payload that has just ended answers with its exit record instead.
    await Promise.race([attachment.hello(wants), attachment.exited]);
    return attachment;
  } catch (error) {
    attachment.close();
    throw error;
  }
}

async function connect(socketPath: string): Promise<Socket> {
  // Neither module is needed by the commands that do not attach.
  const [{ connect }, { open }] = await Promise.all([import("node:net"), import("node:fs/promises")]);
  const short = Buffer.byteLength(socketPath) <= maximalSocketPathBytes;
  // A longer path does not fit into an address, unix(7); its directory's descriptor does.
  const directory = short ? undefined : await open(dirname(socketPath)).catch((cause) => failed(socketPath, cause));
  const path = directory === undefined ? socketPath : `/proc/self/fd/${directory.fd}/${basename(socketPath)}`;
  try {
    return await new Promise<Socket>((resolve, reject) => {
      const socket = connect({ path }, () => resolve(socket));
      // It stays: a keeper that ends without taking the connection resets it, perhaps before anyone else listens; "close" follows.
      socket.on("error", reject);
    }).catch((cause) => failed(socketPath, cause));
  } finally {
    await directory?.close();
  }
}

function failed(socketPath: string, cause: NodeJS.ErrnoException): never {
  const absent = cause.code === "ENOENT" || cause.code === "ECONNREFUSED" || cause.code === "ENOTDIR";
  const message = `attach to ${socketPath}: ${absent ? "no keeper listens there" : cause.code}`;
  throw galleyError(absent ? "not-found" : "unavailable", "keeper.no-socket", message, { cause });
}
