import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../tests/support/temporary-folder.js";
import { FormatError, UsageError } from "../util/errors.js";
import { checkpointFile } from "./checkpoint-file.js";

const at = temporaryFolder();
const bytes = (...values: number[]) => Uint8Array.from(values);

describe("checkpointFile", () => {
  it("makes its folder, and leaves it empty until there is something to keep", async () => {
    const file = await checkpointFile(at("runs", "a", "checkpoint.safetensors"));
    expect(readdirSync(at("runs", "a"))).toEqual([]);
    await expect(file.load()).rejects.toThrow(
      /^there is no checkpoint ".*checkpoint\.safetensors"/,
    );
    await file.save(bytes(1, 2));
    await file.save(bytes(3));
    expect(readdirSync(at("runs", "a"))).toEqual(["checkpoint.safetensors"]);
    expect([...(await file.load())]).toEqual([3]);
  });

  it("keeps what an earlier training left, unless it goes on from there", async () => {
    const path = at("c.safetensors");
    await (await checkpointFile(path)).save(bytes(1));
    const resumed = await checkpointFile(path);
    await resumed.load();
    await resumed.save(bytes(2));
    expect(readdirSync(at())).toEqual(["c.safetensors"]);

    const fresh = await checkpointFile(path);
    await fresh.save(bytes(3));
    await fresh.save(bytes(4));
    expect([...readFileSync(at("c.previous.safetensors"))]).toEqual([2]);
    expect([...readFileSync(path)]).toEqual([4]);
  });

  it("keeps the last good one when the next cannot be written", async () => {
    const file = await checkpointFile(at("c.safetensors"));
    await file.save(bytes(1));
    await expect(file.save({ length: 1 } as Uint8Array)).rejects.toThrow();
    expect(readdirSync(at())).toEqual(["c.safetensors"]);
    expect([...(await file.load())]).toEqual([1]);
  });

  it("says before the training that the folder cannot be had", async () => {
    writeFileSync(at("file"), "");
    for (const path of [at("file", "c"), at("file", "below", "c")])
      await expect(checkpointFile(path)).rejects.toThrow(UsageError);
    await expect(checkpointFile(at("file", "c"))).rejects.toThrow(/^cannot make the folder "/);
  });

  it("says that a folder is no checkpoint", async () => {
    mkdirSync(at("c"));
    const file = await checkpointFile(at("c"));
    await expect(file.load()).rejects.toThrow(FormatError);
    await expect(file.save(bytes(1))).rejects.toThrow(UsageError);
  });
});
