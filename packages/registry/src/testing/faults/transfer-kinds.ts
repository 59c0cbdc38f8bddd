import {
  close,
  drip,
  flipped,
  garbage,
  gzipped,
  hugeHead,
  layerUntil,
  loseAnswer,
  on,
  oneOf,
  onLayer,
  rangeStart,
  reset,
  stall,
  status,
  unauthorized,
  uploadUntil,
} from "./faults.ts";
import { type FaultKind, succeeds } from "./kind.ts";
import type { Fault, World } from "./world.ts";

const middle = (world: World): number => world.middle;
const unreachable = { kind: "unavailable", code: "registry.unreachable" } as const;
const wrongSize = { kind: "corrupt", code: "registry.size-mismatch" } as const;
const wrongDigest = { kind: "corrupt", code: "registry.digest-mismatch" } as const;

/** PUT or PATCH of the layer: the other blobs are smaller than what these let through. */
const onUpload = (fault: Fault, times?: number): Fault => {
  const counted = on(/^(PUT|PATCH) .*\/uploads\//, fault, times);
  return (request, response, world) =>
    Number(request.headers["content-length"]) > 100_000 ? counted(request, response, world) : false;
};

/** No answer at all. */
const silence: Fault = (request) => request.resume() === request;

const closeConnection: Fault = (request) => {
  request.socket.resetAndDestroy();
  return true;
};

/** Faults in the middle of a blob's bytes. */
export const transferKinds: readonly FaultKind[] = [
  {
    name: "connection reset in the middle",
    pull: { fault: () => onLayer(layerUntil(middle, reset), 1), outcome: succeeds, resumes: true },
    push: { fault: () => onUpload(uploadUntil(middle, "reset"), 1), outcome: succeeds, resumes: true },
  },
  {
    name: "connection reset every 150,000 bytes",
    pull: {
      fault: () =>
        onLayer(
          layerUntil(() => 150_000, reset),
          3,
        ),
      outcome: succeeds,
      resumes: true,
    },
    push: {
      fault: () =>
        onUpload(
          uploadUntil(() => 150_000, "reset"),
          3,
        ),
      outcome: succeeds,
      resumes: true,
    },
  },
  {
    name: "connection reset for ever without progress",
    pull: { fault: () => onLayer(closeConnection), outcome: unreachable },
    push: { fault: () => onUpload(closeConnection), outcome: unreachable },
  },
  {
    name: "connection closed in the middle",
    pull: { fault: () => onLayer(layerUntil(middle, close), 1), outcome: succeeds, resumes: true },
    push: { fault: () => onUpload(closeConnection, 2), outcome: succeeds, resumes: true },
  },
  {
    name: "stall in the middle",
    pull: { fault: () => onLayer(layerUntil(middle, stall), 1), outcome: succeeds, resumes: true },
    // The registry does not notice that the client has left, and keeps the upload to itself.
    push: { fault: () => onUpload(uploadUntil(middle, "stall"), 1), outcome: succeeds },
  },
  {
    name: "stall for ever",
    pull: { fault: () => onLayer(layerUntil(() => 10, stall)), outcome: unreachable },
    push: { fault: () => onUpload(() => true), outcome: unreachable },
  },
  {
    name: "no answer once",
    pull: { fault: () => onLayer(silence, 1), outcome: succeeds, resumes: true },
    push: { fault: () => on(/^POST /, silence, 1), outcome: succeeds, resumes: true },
  },
  {
    name: "no answer ever",
    pull: { fault: () => onLayer(silence), outcome: unreachable },
    push: { fault: () => on(/^POST /, silence), outcome: unreachable },
  },
  {
    name: "slow drip",
    pull: { fault: () => onLayer(layerUntil(middle, drip), 1), outcome: succeeds },
    push: { fault: () => on(/^PUT .*\/uploads\//, drippingHead, 1), outcome: succeeds, resumes: false },
  },
  {
    name: "slow drip for ever",
    pull: { fault: () => onLayer(layerUntil(() => 10, drip)), outcome: unreachable },
    push: { fault: () => on(/^(PUT|POST) .*\/uploads\//, drippingHead), outcome: unreachable },
  },
  {
    name: "blob shorter than its manifest says",
    pull: {
      fault: () => onLayer(shorter),
      outcome: { ...wrongSize, message: /has 5000 bytes at the registry instead of \d+$/ },
    },
    push: {
      // Half of what a piece brings is not kept.
      fault: () => on(/^PATCH /, halfKept),
      outcome: succeeds,
      client: { chunkBytes: 300_000 },
    },
  },
  {
    name: "body shorter than its end, without a length",
    pull: { fault: () => onLayer(cutChunked), outcome: wrongSize },
  },
  {
    name: "extra bytes",
    pull: { fault: () => onLayer(longer), outcome: wrongSize },
    push: {
      fault: () => on(/^PATCH /, status(202, { range: "0-99999999" })),
      outcome: { kind: "corrupt", code: "registry.bad-range" },
      client: { chunkBytes: 300_000 },
    },
  },
  {
    name: "extra bytes after the end of the answer",
    pull: { fault: () => onLayer(trailing), outcome: succeeds, resumes: true },
    push: { fault: () => on(/^POST /, trailingUpload, 1), outcome: succeeds, resumes: true },
  },
  {
    name: "endless body",
    pull: { fault: () => onLayer(endless), outcome: wrongSize },
  },
  {
    name: "wrong digest",
    pull: { fault: () => onLayer(flipped), outcome: { kind: "corrupt", code: "" } },
    push: { fault: () => on(/^PUT .*\/uploads\//, wrongDigestAnswer), outcome: wrongDigest },
  },
  {
    name: "another length in the range",
    pull: {
      fault: () => oneOf(onLayer(layerUntil(middle, close), 1), onLayer(otherTotal)),
      outcome: wrongSize,
    },
  },
  {
    name: "wrong media type of a manifest",
    pull: {
      fault: () => on(/^GET .*\/manifests\//, status(200, { "content-type": "text/html" }, "<html>log in</html>")),
      outcome: { kind: "corrupt", code: "registry.not-a-manifest" },
    },
    push: {
      fault: () =>
        on(/^PUT .*\/manifests\//, status(400, {}, '{"errors":[{"code":"MANIFEST_INVALID","message":"media type"}]}')),
      outcome: { kind: "invalid", code: "registry.refused" },
    },
  },
  {
    name: "wrong encoding",
    pull: { fault: () => onLayer(gzipped), outcome: { kind: "corrupt", code: "registry.bad-encoding" } },
    push: { fault: () => onUpload(status(415), 1), outcome: succeeds },
  },
  {
    name: "range ignored",
    pull: { fault: () => oneOf(onLayer(layerUntil(middle, close), 1), onLayer(withoutRange)), outcome: succeeds },
    push: {
      // The answer does not say how far it is, so it is taken to have all.
      fault: () => on(/^PATCH /, withoutRangeAnswer),
      outcome: succeeds,
      client: { chunkBytes: 300_000 },
      resumes: true,
    },
  },
  {
    name: "range wrong",
    pull: {
      fault: () => oneOf(onLayer(layerUntil(middle, close), 1), onLayer(otherRange)),
      outcome: { kind: "corrupt", code: "registry.bad-range" },
    },
    push: {
      fault: () => on(/^PATCH /, status(202, { range: "0-0" })),
      outcome: { kind: "unavailable", code: "registry.upload-lost" },
      client: { chunkBytes: 300_000 },
    },
  },
  {
    name: "token expires in the middle",
    pull: {
      fault: () => oneOf(onLayer(layerUntil(middle, close), 1), expire(/^GET .*\/blobs\//)),
      outcome: succeeds,
      resumes: true,
    },
    push: {
      fault: () => oneOf(onUpload(uploadUntil(middle, "refuse"), 1), expire(/^GET .*\/uploads\//)),
      outcome: succeeds,
      resumes: true,
    },
  },
  {
    name: "token expires before the bytes",
    pull: { fault: () => onLayer(unauthorized, 1), outcome: succeeds, resumes: true },
    push: { fault: () => onUpload(unauthorized, 1), outcome: succeeds },
  },
  {
    name: "not HTTP",
    pull: { fault: () => onLayer(garbage), outcome: unreachable },
    push: { fault: () => on(/^POST /, garbage), outcome: unreachable },
  },
  {
    name: "a head that is too long",
    pull: { fault: () => onLayer(hugeHead), outcome: unreachable },
    push: { fault: () => on(/^POST /, hugeHead), outcome: unreachable },
  },
  {
    name: "answer lost after all was done",
    pull: { fault: () => on(/^HEAD .*\/manifests\//, loseAnswer, 2), outcome: succeeds, resumes: true },
    push: { fault: () => onUpload(loseAnswer, 1), outcome: succeeds, resumes: true },
  },
  {
    name: "answer lost after a manifest was stored",
    push: { fault: () => on(/^PUT .*\/manifests\//, loseAnswer, 1), outcome: succeeds, resumes: true },
  },
  {
    name: "upload forgotten",
    push: {
      fault: () => oneOf(onUpload(uploadUntil(middle, "reset"), 1), on(/^GET .*\/uploads\//, status(404), 1)),
      outcome: succeeds,
    },
  },
  {
    name: "another has uploaded the same meanwhile",
    push: { fault: () => onUpload(storedByAnother, 1), outcome: succeeds, resumes: true },
  },
];

const drippingHead: Fault = (request) => {
  request.resume();
  const { socket } = request;
  socket.write("HTTP/1.1 201 Created\r\nx: ");
  const timer = setInterval(() => (socket.destroyed ? clearInterval(timer) : socket.write("x")), 40);
  return true;
};

const shorter: Fault = (request, response, { image }) => {
  const start = rangeStart(request.headers.range);
  if (start >= 5000) return status(416, { "content-range": "bytes */5000" })(request, response, {} as World);
  response.writeHead(200, { "content-length": 5000 }).end(image.layerBytes.subarray(0, 5000));
  return true;
};

const cutChunked: Fault = (_, response, { image }) => {
  response.writeHead(200);
  response.write(image.layerBytes.subarray(0, 5000));
  response.end();
  return true;
};

const longer: Fault = (_, response, { image }) => {
  const body = Buffer.concat([image.layerBytes, Buffer.from("more")]);
  response.writeHead(200, { "content-length": body.byteLength }).end(body);
  return true;
};

const endless: Fault = (_, response, { image }) => {
  response.writeHead(200);
  response.write(image.layerBytes);
  const fill = (): void => void (response.destroyed || response.write(Buffer.alloc(16_384), () => setImmediate(fill)));
  fill();
  return true;
};

const trailing: Fault = (request, _, { image }) => {
  const head = `HTTP/1.1 200 OK\r\ncontent-length: ${image.layer.size}\r\n\r\n`;
  request.socket.write(
    Buffer.concat([Buffer.from(head), image.layerBytes, Buffer.from("HTTP/1.1 200 OK\r\n\r\nmore")]),
  );
  return true;
};

const trailingUpload: Fault = (request) => {
  request.socket.write("HTTP/1.1 503 Sorry\r\ncontent-length: 2\r\n\r\nnomore");
  return true;
};

const otherTotal: Fault = (request, response, { image }) => {
  const start = rangeStart(request.headers.range);
  response.writeHead(206, { "content-range": `bytes ${start}-2000000/2000001` }).end(image.layerBytes.subarray(start));
  return true;
};

const otherRange: Fault = (request, response, { image }) => {
  const start = rangeStart(request.headers.range) + 7;
  const size = image.layer.size;
  response
    .writeHead(206, { "content-range": `bytes ${start}-${size - 1}/${size}` })
    .end(image.layerBytes.subarray(start));
  return true;
};

const withoutRange: Fault = (request) => {
  delete request.headers.range;
  return false;
};

const withoutRangeAnswer: Fault = (_, response) => {
  const writeHead = response.writeHead.bind(response);
  response.writeHead = ((code: number, headers: Record<string, string>) => {
    const { range: _range, ...rest } = headers;
    return writeHead(code, rest);
  }) as typeof response.writeHead;
  return false;
};

/** Takes half of a piece and says so. */
const halfKept: Fault = (request, _, world) => {
  const iterator = request.iterator.bind(request);
  const most = Math.ceil(Number(request.headers["content-length"]) / 2);
  delete request.headers["content-range"];
  request.iterator = async function* (options): AsyncGenerator<Uint8Array, undefined> {
    let count = 0;
    for await (const bytes of iterator(options)) {
      if (count < most) yield bytes.subarray(0, most - count);
      count += bytes.byteLength;
    }
    return undefined;
  };
  return world === undefined;
};

const wrongDigestAnswer: Fault = (request, response) => {
  request.resume();
  request.once("end", () =>
    response.writeHead(400).end('{"errors":[{"code":"DIGEST_INVALID","message":"other digest"}]}'),
  );
  return true;
};

/** All tokens are worthless from the second request on that matches. */
function expire(pattern: RegExp): Fault {
  let count = 0;
  return (request, _, world) => {
    if (pattern.test(`${request.method} ${request.url}`) && count++ === 1) world.revoke();
    return false;
  };
}

const storedByAnother: Fault = async (request, response, { store, image }) => {
  for await (const _ of request.iterator({ destroyOnReturn: false }));
  const staged = await store.blobs.stage("team/app");
  await staged.write(image.layerBytes);
  await staged.commit(image.layer.digest);
  response.writeHead(404).end('{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN","message":"who?"}]}');
  return true;
};
