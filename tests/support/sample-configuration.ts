import type { Configuration } from "../../src/exams/ask/section.js";

/** A 3x3 Conv of float32 from 32 channels to 32, on 8 x 8 pixels, alone; but for what is given. */
export function sampleConfiguration(given: Partial<Configuration> = {}): Configuration {
  return {
    op: "Conv",
    dataType: "float32",
    weight: { dtype: "float32", source: "constant", scales: null },
    inShape: [1, 32, 8, 8],
    outShape: [1, 32, 8, 8],
    kernel: [3, 3],
    strides: [1, 1],
    dilations: [1, 1],
    pads: [1, 1, 1, 1],
    outputPadding: [],
    bias: true,
    activation: null,
    before: "plain",
    after: "plain",
    ...given,
  };
}
