import { readFileSync } from "node:fs";
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import type { AttributeLike } from "../graph/index.js";
import { encodeModel } from "../onnx/index.js";
import { GraphBuilder, newModel, readIntegers } from "../ops/index.js";
import { inferShapes } from "../runtime/index.js";
import { compare, tensor } from "../tensor/index.js";
import { gradients } from "./index.js";

interface Numbers {
  readonly shape: number[];
  readonly data: number[];
}

/** One case of fixtures/make_torch.py. */
interface Case {
  readonly op: string;
  readonly opset: number;
  readonly attributes: Readonly<Record<string, AttributeLike>>;
  readonly constants: readonly (readonly number[] | null)[];
  readonly inputs: Readonly<Record<string, Numbers>>;
  readonly result: Numbers;
  readonly weights: Numbers;
  readonly gradients: Readonly<Record<string, Numbers>>;
}

const fixture = new URL("./fixtures/torch.json", import.meta.url);
const { torch, cases }: { torch: string; cases: Case[] } = JSON.parse(
  readFileSync(fixture, "utf8"),
);

/** PyTorch computed in double precision; these are the roundings of float32. */
const TOLERANCE = { atol: 2e-5, rtol: 2e-5 };

describe(`results and gradients equal PyTorch ${torch}'s`, () => {
  it.each(cases.map((each) => [each.op, each.attributes, each] as const))(
    "%s %j",
    async (...row) => {
      const [, , { op, opset, attributes, constants, inputs, result, weights, gradients: known }] =
        row;
      const model = newModel("case");
      model.opsets.set("", opset);
      const g = new GraphBuilder(model.graph);
      const values = Object.entries(inputs).map(([name, { shape }]) => g.input(name, shape));
      const rest = constants.map((list) => (list ? g.ints(list) : null));
      const outputs = op === "BatchNormalization" && attributes.training_mode === 1 ? 3 : 1;
      const [y] = g.ops(op, [...values, ...rest], attributes, outputs);
      const w = g.constant(tensor(Float32Array.from(weights.data), weights.shape));
      const loss = g.op("Mul", [y, w]);
      const found = gradients(model, loss, values, {
        shapes: await inferShapes(model),
        integers: await readIntegers(model.graph),
      });
      g.output(y, "result");
      for (const value of values)
        g.output(g.op("Identity", [found.get(value)!]), `d_${value.name}`);

      const session = await InferenceSession.create(await encodeModel(model), {
        graphOptimizationLevel: "disabled",
      });
      const feed = Object.entries(inputs).map(
        ([name, { data, shape }]) => [name, new OrtTensor("float32", data, shape)] as const,
      );
      const results = await session.run(Object.fromEntries(feed));
      await session.release();
      const expected = { result, ...rename(known) };
      for (const [name, { data, shape }] of Object.entries(expected)) {
        expect(results[name].dims, `shape of ${name}`).toEqual(shape);
        const comparison = compare(results[name].data as Float32Array, data, TOLERANCE);
        expect(comparison.close, `${name}: ${comparison.message}`).toBe(true);
      }
    },
  );
});

function rename(known: Readonly<Record<string, Numbers>>): Record<string, Numbers> {
  return Object.fromEntries(Object.entries(known).map(([name, numbers]) => [`d_${name}`, numbers]));
}
