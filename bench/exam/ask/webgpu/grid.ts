import { range } from "../../../../src/util/math.js";
import { type Layer, PLAIN } from "./layer.js";

/** Layers of one kind. */
export interface Family {
  readonly name: string;
  readonly layers: readonly Layer[];
}

const upTo = (n: number) => range(n).map((i) => i + 1);

/** Every pair of channels per group, under the counts given. */
function layers(
  given: Partial<Layer>,
  groups: readonly number[],
  outs: readonly number[],
  ins: readonly number[] = [given.inPerGroup ?? PLAIN.inPerGroup],
): Layer[] {
  return groups.flatMap((groups) =>
    ins.flatMap((inPerGroup) =>
      outs.map((outPerGroup) => ({ ...PLAIN, ...given, groups, inPerGroup, outPerGroup })),
    ),
  );
}

export const CONV_GROUPS = [1, 2, 3, 4, 5, 6, 8, 16];
export const CONV_OUTS = [...upTo(12), 16, 20];
export const TRANSPOSED_GROUPS = [1, 2, 3, 4];
export const TRANSPOSED_CHANNELS = [...upTo(6), 8];

/** The families whose layers are shown one by one. */
export const CONV_3X3: Family = { name: "3x3", layers: layers({}, CONV_GROUPS, CONV_OUTS) };
export const TRANSPOSED_3X3: Family = {
  name: "transposed 3x3",
  layers: layers(
    { op: "ConvTranspose" },
    TRANSPOSED_GROUPS,
    TRANSPOSED_CHANNELS,
    TRANSPOSED_CHANNELS,
  ),
};

const few = (given: Partial<Layer>) => layers(given, [2, 3, 4], [2, 4, 5, 6, 7, 8, 10, 12]);
const fewTransposed = (given: Partial<Layer>) =>
  layers({ op: "ConvTranspose", ...given }, [2, 3], [1, 2, 4], [1, 2, 3, 4, 6]);

/** Channels and groups of layers as networks have them. */
const wide = (
  [
    [24, 24, 4],
    [40, 40, 8],
    [60, 60, 12],
    [96, 96, 8],
    [64, 160, 16],
    [120, 120, 20],
    [128, 128, 32],
    [200, 50, 2], // ShuffleNet with 2 groups, and with 4
    [272, 68, 4],
  ] as const
).map(([inChannels, outChannels, groups]) => ({
  ...PLAIN,
  groups,
  inPerGroup: inChannels / groups,
  outPerGroup: outChannels / groups,
  size: 9,
}));

export const FAMILIES: readonly Family[] = [
  CONV_3X3,
  { name: "depthwise", layers: layers({}, [2, 3, 5, 8, 16, 24], [1], [1]) },
  { name: "1x1", layers: few({ kernel: 1, pad: 0 }) },
  { name: "1-d, 3", layers: few({ axes: 1 }) },
  { name: "1-d, 1", layers: few({ axes: 1, kernel: 1, pad: 0 }) },
  { name: "stride 2", layers: few({ stride: 2 }) },
  { name: "dilation 2", layers: few({ dilation: 2, pad: 2, size: 7 }) },
  { name: "batch of 3", layers: few({ batch: 3 }) },
  { name: "bias and Relu", layers: few({ activated: true }) },
  { name: "weights as an input", layers: few({ givenWeights: true }) },
  { name: "1 input per group", layers: few({ inPerGroup: 1 }) },
  { name: "8 inputs per group", layers: few({ inPerGroup: 8 }) },
  { name: "wide", layers: wide },
  { name: "float16", layers: few({ dtype: "float16" }) },
  { name: "3-d", layers: layers({ axes: 3, size: 3 }, [1, 2, 3], [1, 2, 4, 6]) },
  TRANSPOSED_3X3,
  { name: "transposed 1-d", layers: fewTransposed({ axes: 1 }) },
  { name: "transposed, stride 2", layers: fewTransposed({ stride: 2 }) },
  { name: "transposed, batch of 3", layers: fewTransposed({ batch: 3 }) },
  { name: "transposed, bias and Relu", layers: fewTransposed({ activated: true }) },
  { name: "transposed float16", layers: fewTransposed({ dtype: "float16" }) },
];
