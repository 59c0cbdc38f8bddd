import { file, forge, hostileArchives, symlink, transports, usualTransports } from "@galley/conformance";

const archive = forge(symlink("x", "../.."), file("x/new", "evil"), { name: "odd", checksum: "wrong" });
console.log(`an archive of ${archive.length} bytes that no program should have written`);

for (const transport of usualTransports) {
  let sizeBytes = 0;
  for await (const chunk of transports[transport]([archive])) sizeBytes += chunk.length;
  console.log(`  it travels as ${transport} in ${sizeBytes} bytes`);
}

console.log(`${hostileArchives.length} hostile archives, among them:`);
for (const { name, standsFor, expected } of hostileArchives.slice(0, 5))
  console.log(`  ${name} (${standsFor}): ${JSON.stringify(expected)}`);
