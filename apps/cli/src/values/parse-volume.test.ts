import { describe, expect, test } from "vitest";
import { parseVolume } from "./parse-volume.ts";

const parse = (given: string) => parseVolume(given, "/home/me");

describe("parseVolume()", () => {
  test.each([
    ["/a:/b", { hostPath: "/a", containerPath: "/b", options: [] }],
    ["./a:/b:ro", { hostPath: "/home/me/a", containerPath: "/b", options: ["ro"] }],
    ["..:/b", { hostPath: "/home", containerPath: "/b", options: [] }],
    ["x/y:/b", { hostPath: "/home/me/x/y", containerPath: "/b", options: [] }],
    ["/a:/b/../c/:rw,rslave,nosuid", { hostPath: "/a", containerPath: "/c", options: ["rw", "rslave", "nosuid"] }],
    ["/a:/b:nocopy", { hostPath: "/a", containerPath: "/b", options: [] }],
    ["/a:/b:", { hostPath: "/a", containerPath: "/b", options: [] }],
  ])("parseVolume(%j)", (given, volume) => expect(parse(given)).toEqual(volume));

  test.each([
    ["data:/b", "named volumes are not supported yet"],
    ["/b", "anonymous volumes are not supported yet"],
    ["/a:b", 'invalid container path "b", must be an absolute path'],
    ["/a:/", "it is the container's own root"],
    ["/a:/b/..", "it is the container's own root"],
    [":/b", "SOURCE:TARGET[:OPTIONS] is expected"],
    ["/a:/b:ro:x", "SOURCE:TARGET[:OPTIONS] is expected"],
    ["/a:/b:frob", 'invalid volume option "frob"'],
    ["/a:/b:O", "overlay volumes are not supported yet"],
    ["/a:/b:U", "changing the owner"],
    ["/a:/b:idmap=x", "id-mapped volumes are not supported yet"],
  ])("parseVolume() refuses %j", (given, why) => expect(() => parse(given)).toThrow(why));
});
