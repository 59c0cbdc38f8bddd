import { openRepository, verified } from "@galley/registry";
import { createMemoryStore, serveRegistry } from "@galley/registry-server";
import { digestOf } from "@galley/spec";

// A registry of our own, so that this runs anywhere; `openRepository("docker.io/library/alpine")` is the same.
await using server = await serveRegistry({ store: createMemoryStore() });
await using repository = openRepository(`${server.address}/team/app`);

const text = "hello from a registry";
const blob = { mediaType: "text/plain", digest: digestOf(text), size: text.length };
await repository.push(blob, new Blob([text]).stream());

for await (const bytes of verified(blob, await repository.fetch(blob))) console.log(new TextDecoder().decode(bytes));
