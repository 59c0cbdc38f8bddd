import { expect, test } from "vitest";
import { createBytePassage } from "./byte-passage.ts";

const text = async (content: AsyncIterable<Uint8Array>): Promise<string> => {
  const pieces: Uint8Array[] = [];
  for await (const piece of content) pieces.push(piece);
  return Buffer.concat(pieces).toString();
};

test("createBytePassage() hands on what was written before, while and after somebody reads", async () => {
  const passage = createBytePassage();
  passage.write(Buffer.from("a"));
  passage.write(Buffer.from("b"));
  const read = text(passage.content);
  await Promise.resolve();
  passage.write(Buffer.from("c"));
  await new Promise((resolve) => setImmediate(resolve));
  passage.write(Buffer.from("d"));
  passage.end();
  expect(await read).toBe("abcd");
  expect(passage.write(Buffer.from("late"))).toBeUndefined();
});

test("createBytePassage() makes its giver wait for the reader", async () => {
  const passage = createBytePassage();
  const room = passage.write(Buffer.alloc(1 << 20));
  expect(room).toBeInstanceOf(Promise);
  const read = text(passage.content);
  await room;
  passage.end();
  expect((await read).length).toBe(1 << 20);
});

test("createBytePassage() lets nobody wait for a reader who has left", async () => {
  const passage = createBytePassage();
  const room = passage.write(Buffer.alloc(1 << 20));
  for await (const _ of passage.content) break;
  await room;
  expect(passage.write(Buffer.alloc(1 << 20))).toBeUndefined();
});

test("createBytePassage() throws to the reader what the giver failed with, after what came before", async () => {
  const passage = createBytePassage();
  passage.write(Buffer.from("a"));
  passage.fail(new RangeError("cut"));
  const pieces: string[] = [];
  const reading = (async () => {
    for await (const piece of passage.content) pieces.push(Buffer.from(piece).toString());
  })();
  await expect(reading).rejects.toThrow("cut");
  expect(pieces).toEqual(["a"]);
});
