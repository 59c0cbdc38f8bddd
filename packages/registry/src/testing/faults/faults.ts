import { gzipSync } from "node:zlib";
import type { Fault, World } from "./world.ts";

/** A fault for requests of which method and path match, so many times. */
export function on(pattern: RegExp, fault: Fault, times = Number.POSITIVE_INFINITY): Fault {
  let left = times;
  return (request, response, world) => {
    if (left <= 0 || !pattern.test(`${request.method} ${request.url}`)) return false;
    left--;
    return fault(request, response, world);
  };
}

/** The first fault that answers. */
export function oneOf(...faults: readonly Fault[]): Fault {
  return async (request, response, world) => {
    for (const fault of faults) if (await fault(request, response, world)) return true;
    return false;
  };
}

/** A fault for GETs of the layer. */
export function onLayer(fault: Fault, times?: number): Fault {
  const counted = on(/^GET /, fault, times);
  return (request, response, world) => {
    return request.url?.endsWith(world.image.layer.digest) ? counted(request, response, world) : false;
  };
}

/** Answers with a status, whatever was asked. */
export function status(
  code: number,
  headers: Readonly<Record<string, string>> = {},
  body: string | Buffer = "",
): Fault {
  return (request, response) => {
    request.resume();
    response.writeHead(code, headers).end(body);
    return true;
  };
}

/** 401 with the registry's challenge. */
export const unauthorized: Fault = (request, response, world) => {
  request.resume();
  response.writeHead(401, { "www-authenticate": world.challenge }).end();
  return true;
};

/** Answers, as asked, with a piece of the layer, and then does something else. */
export function layerUntil(lengthOf: (world: World) => number, then: (socket: Ending) => void): Fault {
  return (request, response, world) => {
    const { layerBytes } = world.image;
    const size = layerBytes.byteLength;
    const start = rangeStart(request.headers.range);
    const range = { "content-range": `bytes ${start}-${size - 1}/${size}` };
    response.writeHead(start > 0 ? 206 : 200, { "content-length": size - start, ...(start > 0 && range) });
    const end = start + lengthOf(world);
    response.write(layerBytes.subarray(start, end), () => then({ response, rest: layerBytes.subarray(end) }));
    return true;
  };
}

interface Ending {
  readonly response: Parameters<Fault>[1];
  readonly rest: Buffer;
}

export function rangeStart(header: string | undefined): number {
  return Number(/bytes=(\d+)-/.exec(header ?? "")?.[1] ?? 0);
}

/** Leaves what was sent time to arrive, since a reset throws away what nobody has read. */
export const reset = ({ response }: Ending): void => void setTimeout(() => response.socket?.resetAndDestroy(), 60);
export const close = ({ response }: Ending): void => void setTimeout(() => response.socket?.destroy(), 30);
export const stall = (): void => undefined;

/** One byte now and then, for as long as anybody listens. */
export const drip = ({ response, rest }: Ending): void => {
  let at = 0;
  const timer = setInterval(() => {
    if (response.destroyed || at === rest.byteLength) clearInterval(timer);
    else response.write(rest.subarray(at, ++at));
  }, 40);
};

/** Lets the registry read so many bytes of an upload's body, and does something to its connection. */
export function uploadUntil(lengthOf: (world: World) => number, then: "reset" | "stall" | "refuse"): Fault {
  return (request, response, world) => {
    const iterator = request.iterator.bind(request);
    const most = lengthOf(world);
    request.iterator = async function* (options): AsyncGenerator<Uint8Array, undefined> {
      let count = 0;
      for await (const bytes of iterator(options)) {
        yield bytes.subarray(0, most - count);
        count += bytes.byteLength;
        if (count >= most) break;
      }
      if (then === "stall") await new Promise((resolve) => request.once("close", resolve));
      if (then === "reset") request.socket.resetAndDestroy();
      if (then === "refuse") unauthorized(request, response, world);
      throw new Error("cut by a test");
    };
    return false;
  };
}

/** Lets the registry do all it should, and loses the answer. */
export const loseAnswer: Fault = (request, response) => {
  response.writeHead = (() => {
    request.socket.resetAndDestroy();
    return response;
  }) as typeof response.writeHead;
  return false;
};

/** Bytes that are no HTTP. */
export const garbage: Fault = (request) => {
  request.socket.end("SSH-2.0-OpenSSH_9.2\r\n\0\0\0\r\n\r\n");
  return true;
};

/** A head that never ends. */
export const hugeHead: Fault = (request) => {
  request.socket.end(`HTTP/1.1 200 OK\r\n${"x-padding: yes\r\n".repeat(20_000)}\r\n`);
  return true;
};

export const gzipped: Fault = (_, response, { image }) => {
  const body = gzipSync(image.layerBytes);
  response.writeHead(200, { "content-encoding": "gzip", "content-length": body.byteLength }).end(body);
  return true;
};

/** Other bytes of the right length. */
export const flipped: Fault = (_, response, { image, middle }) => {
  const body = Buffer.from(image.layerBytes);
  body[middle] = (body[middle] ?? 0) ^ 1;
  response.writeHead(200, { "content-length": body.byteLength }).end(body);
  return true;
};
