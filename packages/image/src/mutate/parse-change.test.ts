import { type ExecutionConfig, isGalleyError } from "@galley/spec";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyChanges } from "./config-change.ts";
import { parseChange } from "./parse-change.ts";

const apply = (texts: readonly string[], base: ExecutionConfig = {}) => applyChanges(base, texts.map(parseChange));

describe("parseChange()", () => {
  test.for<[string[], ExecutionConfig]>([
    [['CMD ["a", "b c"]'], { Cmd: ["a", "b c"] }],
    [["CMD=/bin/sh -l"], { Cmd: ["/bin/sh", "-c", "/bin/sh -l"] }],
    [["cmd echo $HOME"], { Cmd: ["/bin/sh", "-c", "echo $HOME"] }],
    [["CMD [not json"], { Cmd: ["/bin/sh", "-c", "[not json"] }],
    [["ENTRYPOINT []"], { Entrypoint: [] }],
    [
      ['SHELL ["/bin/bash", "-c"]', "ENTRYPOINT run"],
      { Shell: ["/bin/bash", "-c"], Entrypoint: ["/bin/bash", "-c", "run"] },
    ],
    [["ENV A=1 B='two words' C=a\\ b"], { Env: ["A=1", "B=two words", "C=a b"] }],
    [["ENV A one two"], { Env: ["A=one two"] }],
    [["ENV A="], { Env: ["A="] }],
    [["ENV=A=1"], { Env: ["A=1"] }],
    [['LABEL a="b c" d=e', "LABEL f g"], { Labels: { a: "b c", d: "e", f: "g" } }],
    [["EXPOSE 80 53/udp 8000-8010/tcp"], { ExposedPorts: { "80/tcp": {}, "53/udp": {}, "8000-8010/tcp": {} } }],
    [['VOLUME ["/a", "/b c"]', "VOLUME /d /e"], { Volumes: { "/a": {}, "/b c": {}, "/d": {}, "/e": {} } }],
    [["USER 1000:1000"], { User: "1000:1000" }],
    [["WORKDIR /a", "WORKDIR b/../c", 'WORKDIR "d e"'], { WorkingDir: "/a/c/d e" }],
    [["STOPSIGNAL SIGRTMIN+3"], { StopSignal: "SIGRTMIN+3" }],
    [["ONBUILD RUN make", "ONBUILD COPY . /src"], { OnBuild: ["RUN make", "COPY . /src"] }],
    [["HEALTHCHECK NONE"], { Healthcheck: { Test: ["NONE"] } }],
    [
      ["HEALTHCHECK --interval=1m30s --timeout=500ms --retries=3 CMD curl -f localhost"],
      { Healthcheck: { Test: ["CMD-SHELL", "curl -f localhost"], Interval: 90e9, Timeout: 5e8, Retries: 3 } },
    ],
    [['HEALTHCHECK CMD ["true"]'], { Healthcheck: { Test: ["CMD", "true"] } }],
  ])("reads %j", ([texts, config]) => {
    expect(apply(texts)).toEqual(config);
  });

  test("changes what is there and keeps the rest", () => {
    const base = { Env: ["PATH=/bin", "A=1"], Labels: { a: "1" }, WorkingDir: "/srv", User: "ada" };
    expect(apply(["ENV A=2 B=3", "LABEL a=2", "WORKDIR www"], base)).toEqual({
      Env: ["PATH=/bin", "A=2", "B=3"],
      Labels: { a: "2" },
      WorkingDir: "/srv/www",
      User: "ada",
    });
  });

  test.for([
    "",
    "CMD",
    "CMD ",
    "RUN make",
    "FROM x",
    "__proto__ x",
    "ENV A='open",
    "ENV A=1 B",
    "LABEL =x",
    "EXPOSE 0",
    "EXPOSE 65536",
    "EXPOSE 20-10",
    "EXPOSE 80/icmp",
    "STOPSIGNAL a b",
    "ONBUILD FROM x",
    "ONBUILD ONBUILD RUN x",
    "SHELL /bin/sh",
    "SHELL []",
    "HEALTHCHECK",
    "HEALTHCHECK maybe",
    "HEALTHCHECK CMD",
    "HEALTHCHECK --interval=soon CMD x",
    "HEALTHCHECK --constructor=1s CMD x",
    "HEALTHCHECK --retries=x CMD x",
  ])("refuses %j", (text) => {
    expect(() => parseChange(text)).toThrow(expect.objectContaining({ kind: "invalid", code: "image.change" }));
  });

  test("throws nothing but its own error, in time, whatever comes", () => {
    const names = fc.constantFrom("CMD", "ENV", "LABEL", "EXPOSE", "HEALTHCHECK", "VOLUME", "SHELL", "STOPSIGNAL");
    fc.assert(
      fc.property(names, fc.string({ maxLength: 200 }), (name, value) => {
        try {
          apply([`${name} ${value}`]);
        } catch (error) {
          expect(isGalleyError(error, "invalid")).toBe(true);
        }
      }),
    );
  });
});
