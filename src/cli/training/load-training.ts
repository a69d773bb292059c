import { dirname, resolve } from "node:path";
import { createJiti } from "jiti";
import * as library from "../../index.node.js";
import * as nn from "../../nn/index.js";
import * as train from "../../train/index.js";
import { UsageError } from "../../util/errors.js";
import { printable } from "../../util/text.js";
import { problemsOf } from "./training-schema.js";

/** The name of the package, as a training file imports it. */
const PACKAGE = "groupconv";

/** A training and the file it is from. */
export interface LoadedTraining {
  readonly training: train.Training;
  /** Folder that its `output` starts from. */
  readonly folder: string;
}

/**
 * Runs a training file, TypeScript or JavaScript. What it imports from groupconv is this groupconv: a
 * second copy of the modules would not be known as modules.
 *
 * @throws UsageError when it cannot be run, or naming the key that is wrong and the nearest valid one.
 */
export async function loadTraining(cwd: string, path: string): Promise<LoadedTraining> {
  const file = resolve(cwd, path);
  const jiti = createJiti(import.meta.url, {
    interopDefault: false, // or a file without a default export would seem to have one
    virtualModules: {
      [PACKAGE]: library,
      [`${PACKAGE}/nn`]: nn,
      [`${PACKAGE}/train`]: train,
    },
  });
  let training: unknown;
  try {
    training = (await jiti.import<{ default?: unknown }>(file)).default;
  } catch (cause) {
    throw new UsageError(`cannot run ${printable(path)}: ${firstLine(cause)}`, { cause });
  }
  const problems = problemsOf(training);
  if (problems.length > 0) throw new UsageError(`${printable(path)}: ${problems.join("; ")}`);
  return { training: training as train.Training, folder: dirname(file) };
}

/** Module loaders say in further lines who asked. */
function firstLine(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return printable(message.split("\n", 1)[0]);
}
