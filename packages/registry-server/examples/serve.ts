import { createMemoryStore, serveRegistry } from "@galley/registry-server";

// Any client speaks to it: docker push, skopeo copy, @galley/registry.
await using registry = await serveRegistry({ store: createMemoryStore() });
const repository = `${registry.url}/v2/team/app`;

const digest = "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
const sent = await fetch(`${repository}/blobs/uploads/?digest=${digest}`, { method: "POST", body: "hello" });
console.log(sent.status, sent.headers.get("docker-content-digest"));

const received = await fetch(`${repository}/blobs/${digest}`, { headers: { range: "bytes=1-" } });
console.log(received.status, await received.text());
