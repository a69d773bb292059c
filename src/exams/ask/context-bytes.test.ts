import { expect, it } from "vitest";
import { sampleConfiguration } from "../../../tests/support/sample-configuration.js";
import { contextBytes } from "./context-bytes.js";

/** 2 channels of 3 pixels to 2 of 5, so that groups are 1 and 2: 12 weights dense, and 6. */
const base = sampleConfiguration({
  inShape: [1, 2, 3],
  outShape: [1, 2, 5],
  kernel: [3],
  strides: [1],
  dilations: [1],
  pads: [2, 2],
  bias: false,
});

it("counts weights, columns, data and sums of two models by the size of their elements", () => {
  const int8 = { dtype: "int8", source: "constant", scales: "layer" } as const;
  // weights as kept and as computed with; 2 x 3 under a kernel at 5 outputs; 5 copies of 6 + 10 values
  expect(contextBytes(base)).toBe((12 + 6) * (4 + 4) + (30 + 15) * 4 + 2 * 5 * 16 * 4);
  const float16 = { ...base.weight, dtype: "float16" } as const;
  expect(contextBytes({ ...base, dataType: "float16", weight: float16 })).toBe(
    (12 + 6) * (2 + 4) + (30 + 15) * 4 + 2 * 5 * 16 * 4,
  );
  // a column for each of 3 inputs
  expect(contextBytes({ ...base, op: "ConvTranspose", outputPadding: [0] })).toBe(
    (12 + 6) * (4 + 4) + (18 + 9) * 4 + 2 * 5 * 16 * 4,
  );
  const codes = { ...base, dataType: "uint8", weight: int8 } as const;
  expect(contextBytes({ ...codes, op: "QLinearConv" })).toBe(
    (12 + 6) * (1 + 1) + (30 + 15) * 1 + 2 * (5 * 16 * 1 + 10 * 4),
  );
  expect(contextBytes({ ...codes, op: "ConvInteger" })).toBe(
    (12 + 6) * (1 + 1) + (30 + 15) * 1 + 2 * (5 * (6 * 1 + 10 * 4) + 10 * 4),
  );
  // written in floats at both ends
  expect(contextBytes(codes)).toBe((12 + 6) * (1 + 1) + (30 + 15) * 1 + 2 * (5 * 16 * 4 + 10 * 4));
  const madeFloats = { ...int8, source: "dequantised" } as const;
  expect(contextBytes({ ...base, weight: madeFloats })).toBe(
    (12 + 6) * (1 + 4) + (30 + 15) * 4 + 2 * 5 * 16 * 4,
  );
});
