import { mkdtemp, rm } from "node:fs/promises";
import { digestOf } from "@galley/spec";
import { openContent, openRecords, rootMount } from "@galley/storage";

const directory = await mkdtemp("/tmp/galley-example-");
const bytes = new TextEncoder().encode("ahoy");
const blob = { mediaType: "text/plain", digest: digestOf(bytes), size: bytes.length };
const content = openContent(`${directory}/content`);
await content.push(blob, new Blob([bytes]).stream());
for await (const chunk of await content.fetch(blob)) console.log(new TextDecoder().decode(chunk));

const records = openRecords(`${directory}/galley.db`);
const images = records.collection<{ size: number }>("images");
images.put(blob.digest, { size: blob.size }, { names: ["example.test/ahoy:latest"], ifVersion: 0 });
console.log(images.getByName("example.test/ahoy:latest")?.value.size);
records.close();

const lower = ["/layers/base/tree", "/layers/app/tree"];
console.log(rootMount({ lower, empty: ["/empty/0", "/empty/1"], kernel: { major: 6, minor: 12 } }).options);
await rm(directory, { recursive: true });
