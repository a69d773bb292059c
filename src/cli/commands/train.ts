import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.js";
import { parseCount, parsePositive, parseWhole } from "../parsers.js";
import type { TrainFlags } from "../training/run-training.js";

const optional = { optional: true } as const;
const count = { kind: "parsed", parse: parseCount, placeholder: "n", ...optional } as const;

export const trainCommand = buildCommand<TrainFlags, [string], CliContext>({
  // Training needs half of the library; other commands shall not wait for it.
  loader: async () => (await import("../training/run-training.js")).runTraining,
  parameters: {
    flags: {
      epochs: { ...count, brief: "Epochs, instead of the file's" },
      batchSize: { ...count, brief: "Examples a batch, instead of the file's" },
      lr: {
        kind: "parsed",
        parse: parsePositive,
        brief: "Learning rate, instead of the optimizer's",
        placeholder: "rate",
        ...optional,
      },
      seed: {
        kind: "parsed",
        parse: parseWhole,
        brief: "Seed of first values, order, augmentation and dropouts",
        placeholder: "n",
        ...optional,
      },
      threads: { ...count, brief: "Threads an operator may use. The runtime decides by default" },
      limit: { ...count, brief: "Take this many examples at most, drawn by the seed: for a try" },
      output: {
        kind: "parsed",
        parse: String,
        brief:
          "Folder for checkpoint and network. Defaults to the file's, else run beside the file",
        placeholder: "dir",
        ...optional,
      },
      resume: {
        kind: "boolean",
        brief: "Go on from the checkpoint in the output folder",
        withNegated: false,
        ...optional,
      },
      json: {
        kind: "boolean",
        brief: "Print JSON lines, as where there is no terminal",
        withNegated: false,
        ...optional,
      },
    },
    positional: {
      kind: "tuple",
      parameters: [
        {
          brief: "TypeScript or JavaScript file whose default export is defineTraining({ ... })",
          parse: String,
          placeholder: "TRAINING.ts",
        },
      ],
    },
    aliases: { o: "output" },
  },
  docs: {
    brief: "Train a network; write it as ONNX and as safetensors",
    fullDescription: [
      "Train a network; write it as ONNX and as safetensors.",
      "",
      "Examples:",
      "  groupconv train examples/segmentation/train.ts",
      "  groupconv train train.ts --epochs 1 --limit 1000 --output try",
      "  groupconv train train.ts --resume",
      "",
      "A training file, docs/training.md has more:",
      '  import { Conv2d, Flatten, GlobalAvgPool2d, Linear, ReLU, Sequential } from "groupconv/nn";',
      '  import { accuracy, crossEntropy, defineTraining, tensorDataset } from "groupconv/train";',
      "",
      "  export default defineTraining({",
      "    network: () => new Sequential([",
      "      new Conv2d(3, 32, 3, { stride: 2 }), new ReLU(),",
      "      new Conv2d(32, 64, 3, { groups: 8 }), new ReLU(),",
      "      new GlobalAvgPool2d(), new Flatten(), new Linear(64, 10),",
      "    ]),",
      "    data: tensorDataset(pictures, labels), // [size, 3, H, W] uint8 or float32, [size] int64",
      "    loss: crossEntropy(),",
      "    metrics: [accuracy()],",
      "    epochs: 10,",
      "  });",
      "",
      "Ctrl-C saves a checkpoint and stops, a second one stops at once.",
      "Exit code: 0 trained, 2 could not run, 130 stopped by Ctrl-C.",
    ].join("\n"),
  },
});
