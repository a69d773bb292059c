import { describe, expect, it } from "vitest";
import { GraphBuilder, newModel } from "../ops/index.js";
import { zeros } from "../tensor/index.js";
import { UsageError } from "../util/errors.js";
import { roomWithin } from "./room.js";

const MIB = 2 ** 20;

function modelOf(weightMebibytes: number) {
  const model = newModel("weights");
  const b = new GraphBuilder(model.graph);
  b.constant(zeros([weightMebibytes, MIB / 4]), "weight");
  return model;
}

describe("roomWithin", () => {
  it("leaves what weights and the runtime do not take, less what arenas round up", () => {
    // 1000 - 140 - 20 = 840; 840 / 1.2 = 700
    expect(roomWithin(1000 * MIB, modelOf(20))).toBe(700 * MIB);
  });

  it("counts weights that are nodes of the graph, as some exporters write them", () => {
    const model = newModel("constants");
    const b = new GraphBuilder(model.graph);
    b.op("Constant", [], { value: zeros([20, MIB / 4]) });
    expect(roomWithin(1000 * MIB, model)).toBe(700 * MIB);
  });

  it("refuses a limit that leaves nothing to work with, and names the least", () => {
    // 140 + 20 + 1.2 * 16 = 179.2
    expect(() => roomWithin(179 * MIB, modelOf(20))).toThrow(UsageError);
    expect(() => roomWithin(179 * MIB, modelOf(20))).toThrow(
      "memory=179MiB must be at least 180MiB",
    );
    expect(roomWithin(180 * MIB, modelOf(20))).toBeGreaterThanOrEqual(16 * MIB);
  });
});
