import { lane, slot, stepper } from "@galley/plan";
import type { Engine } from "../engine.ts";
import { makeHostDirectory } from "../host-files.ts";
import type { RootMaker } from "../trees/walk-root.ts";
import { mountPoint } from "./mount-record.ts";

const step = stepper("engine");

/** Attaches a root where everybody on the host who may go there sees it. */
export async function mountOnHost(
  engine: Engine,
  id: string,
  { makeRoot, readOnly }: { readonly makeRoot: RootMaker; readonly readOnly: boolean },
): Promise<void> {
  const path = mountPoint(engine, id);
  makeHostDirectory(path);
  const root = slot("root");
  const limits = { at: root, path: "", set: ["readOnly", "noDev", "noSuid"] } as const;
  const steps = [
    ...(await makeRoot(root)),
    ...(readOnly
      ? [step("mountAttributes", limits, "let nothing in it be changed, run as another, or be a device")]
      : []),
    step("moveMount", { mount: root, path }, "attach it on the host"),
  ];
  await engine.ports.perform({ title: `mount ${id.slice(0, 12)} on the host`, lane: lane("host", steps) }).ended;
}

/** Takes it away again, with the directory. What is open in it stays so until it is closed. */
export async function unmountFromHost(engine: Engine, id: string): Promise<void> {
  const path = mountPoint(engine, id);
  const steps = [
    step("unmount", { path }, "take it off the host", { ok: ["EINVAL", "ENOENT"] }),
    step("unlink", { path, flags: ["directory"] }, "remove its place", { ok: ["ENOENT"] }),
  ];
  await engine.ports.perform({ title: `unmount ${id.slice(0, 12)}`, lane: lane("host", steps) }).ended;
}
