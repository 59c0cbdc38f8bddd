import { describe, expect, test } from "vitest";
import { parseImagePlace } from "./image-place.ts";

const alpine = { domain: "docker.io", repository: "library/alpine", tag: "latest" };
const digest = `sha256:${"a".repeat(64)}`;

describe("parseImagePlace()", () => {
  test.each([
    ["alpine", { transport: "docker", reference: alpine }],
    ["docker://alpine", { transport: "docker", reference: alpine }],
    ["docker:latest", { transport: "docker", reference: { ...alpine, repository: "library/docker" } }],
    ["localhost:5000/x:1", { transport: "docker", reference: { domain: "localhost:5000", repository: "x", tag: "1" } }],
    [
      `docker://127.0.0.1:5/x:1@${digest}`,
      { transport: "docker", reference: { domain: "127.0.0.1:5", repository: "x", tag: "1", digest } },
    ],
    ["oci:/srv/images", { transport: "oci", hostPath: "/srv/images" }],
    ["oci:images:app:1", { transport: "oci", hostPath: "images", name: "app:1" }],
    ["oci-archive:a.tar:", { transport: "oci-archive", hostPath: "a.tar", name: "" }],
    [
      "docker-archive:a.tar:localhost:5000/x:1",
      { transport: "docker-archive", hostPath: "a.tar", name: "localhost:5000/x:1" },
    ],
    ["dir:/a:b", { transport: "dir", hostPath: "/a:b" }],
  ])("parseImagePlace() reads %s", (text, place) => expect(parseImagePlace(text)).toEqual(place));

  test.each([
    ["docker-daemon:x:1", "unsupported"],
    ["containers-storage:x", "unsupported"],
    ["oci:", "invalid"],
    ["dir:", "invalid"],
    ["oci-archive::x", "invalid"],
    ["https://example.test/x", "invalid"],
    ["UPPER", "invalid"],
    ["", "invalid"],
  ])("parseImagePlace() refuses %j as %s", (text, kind) =>
    expect(() => parseImagePlace(text)).toThrow(expect.objectContaining({ kind })),
  );
});
