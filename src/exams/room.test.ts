import { describe, expect, it } from "vitest";
import { GraphBuilder, newModel } from "../ops/index.js";
import { zeros } from "../tensor/index.js";
import { UsageError } from "../util/errors.js";
import { roomWithin } from "./room.js";

const MIB = 2 ** 20;

const NO_DATA = { heldBytes: 0, inputShapes: {} };

function modelOf(weightMebibytes: number) {
  const model = newModel("weights");
  const b = new GraphBuilder(model.graph);
  b.constant(zeros([weightMebibytes, MIB / 4]), "weight");
  return model;
}

describe("roomWithin", () => {
  it("leaves what weights and the runtime do not take, less what arenas round up", () => {
    // 1000 - 140 - 20 = 840; 840 / 1.2 = 700
    expect(roomWithin(1000 * MIB, modelOf(20), NO_DATA)).toBe(700 * MIB);
  });

  it("counts weights that are nodes of the graph, as some exporters write them", () => {
    const model = newModel("constants");
    const b = new GraphBuilder(model.graph);
    b.op("Constant", [], { value: zeros([20, MIB / 4]) });
    expect(roomWithin(1000 * MIB, model, NO_DATA)).toBe(700 * MIB);
  });

  it("counts the data that stay in memory, and two batches as they are made", () => {
    // 1000 - 140 - 20 - 100 - 2 * 4 * 2 * 15 = 500; 500 / 1.2 = 416.67
    const data = { heldBytes: 100 * MIB, inputShapes: { x: [2, 5, MIB], y: [2, 10, MIB] } };
    expect(roomWithin(1000 * MIB, modelOf(20), data)).toBe(Math.floor((500 * MIB) / 1.2));
    expect(() => roomWithin(519 * MIB, modelOf(20), data)).toThrow(
      "memory=519MiB must be at least 520MiB: the weights once more take 20MiB, the data 340MiB",
    );
  });

  it("refuses a limit that leaves nothing to work with, and names the least", () => {
    // 140 + 20 + 1.2 * 16 = 179.2
    expect(() => roomWithin(179 * MIB, modelOf(20), NO_DATA)).toThrow(UsageError);
    expect(() => roomWithin(179 * MIB, modelOf(20), NO_DATA)).toThrow(
      "memory=179MiB must be at least 180MiB",
    );
    expect(roomWithin(180 * MIB, modelOf(20), NO_DATA)).toBeGreaterThanOrEqual(16 * MIB);
  });

  it("shows a limit in the bytes that it was read as, and says so", () => {
    const refused = () => roomWithin(200, modelOf(20));
    expect(refused).toThrow(
      /^memory=200 bytes must be at least 180MiB: .* 20MiB, the runtime 140MiB/,
    );
    expect(refused).toThrow(
      expect.objectContaining({ help: "A number without a unit is one of bytes." }),
    );
  });
});
