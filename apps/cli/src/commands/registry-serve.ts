import { readFile } from "node:fs/promises";
import { listImages, type ServeImagesOptions, serveImages } from "@galley/engine";
import { wrapError } from "@galley/spec";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { text, value } from "../flags/flag.ts";
import { badValue } from "../flags/usage-error.ts";
import { print } from "../output/print.ts";
import { parsePort } from "../values/parse-number.ts";

const usualPort = 5000;

export const command = defineCommand({
  usage: "",
  description:
    "Serves the images that are here to other machines, as a registry that can be pulled from and not pushed to, until it is interrupted. An image of docker.io is there as library/alpine, one of another registry as quay.io/team/app.",
  example: "galley registry serve --address 0.0.0.0 --htpasswd users",
  flags: {
    address: value("IP", "Listen on this address (127.0.0.1)", text),
    port: value("NUMBER", `Listen on this port, 0 for any (${usualPort})`, parsePort),
    htpasswd: value("PATH", "Let in only who is in this file of htpasswd -B", text),
    "tls-cert": value("PATH", "Speak HTTPS with this certificate chain, PEM", text),
    "tls-key": value("PATH", "Its key, PEM", text),
  },
  async run({ flags, places }) {
    const options = await serveOptions(flags);
    using engine = openGalley(places);
    const ended = nextSignal();
    await using server = await serveImages(engine, options);
    const count = listImages(engine).filter(({ names }) => names.length > 0).length;
    await print(`Serving ${count} ${count === 1 ? "image" : "images"} at ${server.url}`);
    await ended;
  },
});

interface ServeFlags {
  readonly address: string | undefined;
  readonly port: number | undefined;
  readonly htpasswd: string | undefined;
  readonly "tls-cert": string | undefined;
  readonly "tls-key": string | undefined;
}

async function serveOptions(flags: ServeFlags): Promise<ServeImagesOptions> {
  const { address, port = usualPort, htpasswd, "tls-cert": cert, "tls-key": key } = flags;
  if ((cert === undefined) !== (key === undefined)) throw badValue("--tls-cert and --tls-key go together");
  return {
    port,
    ...(address === undefined ? {} : { host: address }),
    ...(htpasswd === undefined ? {} : { htpasswd: await read(htpasswd) }),
    ...(cert === undefined || key === undefined ? {} : { tls: { cert: await read(cert), key: await read(key) } }),
  };
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw wrapError(`read ${path}`, cause);
  }
}

/** From now on these do not end us at once. */
function nextSignal(): Promise<unknown> {
  return new Promise((resolve) => {
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(name, resolve);
  });
}
