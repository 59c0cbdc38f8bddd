import { expect, test } from "vitest";
import { parseFlags } from "../flags/parse-flags.ts";
import { pullAccessFlags, registryAccessOf } from "./registry-flags.ts";

function accessOf(...args: string[]) {
  return registryAccessOf(parseFlags(pullAccessFlags, args).flags);
}

test("registryAccessOf() says nothing when no flag does", () => {
  expect(accessOf()).toEqual({});
  expect(registryAccessOf({})).toEqual({});
});

test("registryAccessOf() takes every flag over", () => {
  expect(
    accessOf(
      ...["--authfile=/a", "--cert-dir", "/c", "--creds", "me:pass:word", "--retry=2", "--retry-delay=1m30s"],
      ...["--tls-verify=false", "--signature-policy=/p"],
    ),
  ).toEqual({
    authFilePath: "/a",
    certificateDirectory: "/c",
    credentials: { username: "me", password: "pass:word" },
    retry: { attempts: 3, delayMs: 90_000 },
    tlsVerify: false,
    signaturePolicyPath: "/p",
  });
  expect(accessOf("--retry-delay=2")).toEqual({ retry: { delayMs: 2000 } });
});

test.each([["--retry=-1"], ["--retry-delay=soon"], ["--creds=name"], ["--creds=:secret"]])(
  "registryAccessOf() refuses %s",
  (arg) => {
    expect(() => accessOf(arg)).toThrow(`invalid argument ${JSON.stringify(arg.split("=")[1])}`);
  },
);
