import { join, relative, resolve } from "node:path";
import { checkpointFile } from "../../files/index.js";
import type { Network } from "../../nn/index.js";
import { Rng } from "../../tensor/index.js";
import {
  type Dataset,
  type DatasetSource,
  type FitOptions,
  fit,
  part,
  sgd,
  type Training,
} from "../../train/index.js";
import { saveNetwork } from "../../train/save-network.node.js";
import { UsageError } from "../../util/errors.js";
import { range } from "../../util/math.js";
import type { CliContext } from "../context.js";
import { StopSignals } from "../stop-signals.js";
import { chooseReporter } from "./choose-reporter.js";
import { type LoadedTraining, loadTraining } from "./load-training.js";
import { ownAugmentation, ownCode, ownDataset } from "./own-code.js";

export interface TrainFlags {
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly lr?: number;
  readonly seed?: number;
  readonly threads?: number;
  readonly limit?: number;
  readonly output?: string;
  readonly resume?: boolean;
  readonly json?: boolean;
}

/** `groupconv train`: runs a training file, keeps checkpoints, writes the trained network. */
export async function runTraining(
  this: CliContext,
  flags: TrainFlags,
  path: string,
): Promise<void> {
  const loaded = await loadTraining(this.cwd, path);
  const { training } = loaded;
  const folder = outputFolder(this.cwd, loaded, flags);
  const checkpoint = await checkpointFile(join(folder, "checkpoint.safetensors"));
  const resume = flags.resume ? await checkpoint.load() : undefined;
  const reporter = chooseReporter(this, flags);
  const stop = new StopSignals(this.process);
  try {
    const network = await ownCode("network", training.network);
    const data = await load("data", training.data, flags);
    const validation =
      training.validation && (await load("validation", training.validation, flags));
    const { reason, step } = await fit(network, data, {
      ...optionsOf(training, flags),
      validation,
      checkpoints: { ...training.checkpoints, save: checkpoint.save },
      resume,
      signal: stop.signal,
      onEvent: (event) => reporter.event(event),
    });
    const shown = (file: string) => relative(this.cwd, file);
    if (reason === "aborted") {
      reporter.wrote({ checkpoint: shown(checkpoint.path) });
      this.process.stderr.write(
        `stopped at step ${step} with nothing but the checkpoint written; to go on: ${resumeCommand(path, flags)}\n`,
      );
      this.process.exitCode = stop.exitCode;
      return;
    }
    const { model, weights } = await write(folder, network, data.example.input);
    reporter.wrote({
      model: shown(model),
      weights: shown(weights),
      checkpoint: shown(checkpoint.path),
    });
  } finally {
    stop.release();
  }
}

/** The same command, with `--resume`. */
function resumeCommand(path: string, flags: TrainFlags): string {
  const given = Object.entries({ ...flags, resume: true }).flatMap(([name, value]) => {
    const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    if (value === undefined || value === false) return [];
    return value === true ? [flag] : [flag, shellWord(String(value))];
  });
  return ["groupconv train", shellWord(path), ...given].join(" ");
}

/** In quotes where a shell would take it apart. */
function shellWord(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function outputFolder(
  cwd: string,
  { training, folder }: LoadedTraining,
  { output }: TrainFlags,
): string {
  return output === undefined ? resolve(folder, training.output ?? "run") : resolve(cwd, output);
}

async function load(
  what: "data" | "validation",
  source: DatasetSource,
  { limit, seed = 0 }: TrainFlags,
): Promise<Dataset> {
  const dataset = typeof source === "function" ? await ownCode(what, source) : source;
  if (typeof dataset?.batch !== "function")
    throw new UsageError(`${what}: the function must give a data set, such as tensorDataset(...)`);
  const whole = ownDataset(what, dataset);
  if (limit === undefined || limit >= whole.size) return whole;
  return part(whole, new Rng(seed).shuffle(range(whole.size)).slice(0, limit));
}

/** What the file says, but for what the flags say. */
function optionsOf(training: Training, flags: TrainFlags): FitOptions {
  const { epochs, batchSize, seed, threads, lr } = flags;
  const { optimizer = sgd(), augment } = training;
  const given = Object.entries({ epochs, batchSize, seed, threads });
  return {
    ...training,
    validation: undefined,
    checkpoints: undefined,
    optimizer: lr === undefined ? optimizer : { ...optimizer, lr },
    augment: augment && ownAugmentation(augment),
    ...Object.fromEntries(given.filter(([, value]) => value !== undefined)),
  };
}

async function write(
  folder: string,
  network: Network,
  exampleShape: readonly number[],
): Promise<{ model: string; weights: string }> {
  const paths = { model: join(folder, "model.onnx"), weights: join(folder, "model.safetensors") };
  const inputShape = ["N", ...exampleShape];
  for (const path of Object.values(paths)) await saveNetwork(path, network, { inputShape });
  return paths;
}
