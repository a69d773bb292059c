import { groupWarmup } from "../../src/groups/index.js";
import {
  Conv2d,
  Flatten,
  GlobalAvgPool2d,
  Linear,
  Sequential,
  TunableGroupConv,
} from "../../src/nn/index.js";
import { accuracy, adamw, crossEntropy, type FitOptions, fit } from "../../src/train/index.js";
import { barNet, bars } from "./bars.js";

export interface Losses {
  /** Of each step. */
  readonly steps: readonly number[];
  /** After each epoch, of examples not trained on. */
  readonly validation: readonly number[];
}

/** A short training that is the same wherever it runs: dropouts, batch norms, averages, or growing groups. */
export async function trainBars(kind: "plain" | "warm-up"): Promise<Losses> {
  const steps: number[] = [];
  const options: FitOptions = {
    loss: crossEntropy(),
    metrics: [accuracy()],
    optimizer: adamw({ lr: 0.01 }),
    epochs: 2,
    clipNorm: 1,
    averageDecay: 0.5,
    accumulate: 2,
    batchSize: 16,
    validation: bars(48, 2),
    onEvent: (event) => {
      if (event.type === "step") steps.push(event.loss);
    },
  };
  const { history } =
    kind === "plain"
      ? await fit(barNet(), bars(96, 1), options)
      : await fit(tunableNet(), bars(96, 1), {
          ...options,
          groupWarmup: groupWarmup({ every: 1, max: 2 }),
        });
  return { steps, validation: history.map(({ validation }) => validation!.loss) };
}

function tunableNet(): Sequential {
  return new Sequential([
    new Conv2d(1, 8, 3, { padding: 1 }),
    new TunableGroupConv(8, 16),
    new GlobalAvgPool2d(),
    new Flatten(),
    new Linear(16, 2),
  ]);
}
