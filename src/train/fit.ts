import { type Network, parameterCount } from "../nn/index.js";
import type { Dataset } from "./data/index.js";
import type { EpochRecord, StopReason } from "./events.js";
import { type FitOptions, type FitSettings, settingsOf } from "./fit-options.js";
import { resumeFrom } from "./resume.js";
import { initialState, putState } from "./state.js";
import { changedTerms, termsOf } from "./terms.js";
import { TrainingRun } from "./training-run.js";
import { rememberLayers, setLayerGroups } from "./tunable-layers.js";
import { checkWarmup } from "./warm-up-groups.js";

export interface FitResult {
  readonly history: readonly EpochRecord[];
  readonly reason: StopReason;
  /** Steps done. */
  readonly step: number;
  /** The epoch the network's values are of: the best with early stopping, else the last. */
  readonly epoch: number;
}

/**
 * Trains a network: its parameters get new values, in the end; an error leaves it as it was. Everything is set by the seed: the same call on the
 * same machine gives the same bits.
 *
 * @param data Inputs `[...]` float32 and targets by output name, an example each.
 * @throws ShapeError before the first step, with both shapes, if data and network do not fit.
 * @throws UsageError for an option out of range.
 * @throws DivergenceError when the loss is no finite number, naming the step and the first bad tensor.
 */
export async function fit(
  network: Network,
  data: Dataset,
  options: FitOptions,
): Promise<FitResult> {
  const settings = settingsOf(data, options);
  if (options.groupWarmup) checkWarmup(network, options.groupWarmup);
  const restoreLayers = rememberLayers(network);
  try {
    return await train(network, data, options, settings);
  } catch (error) {
    restoreLayers();
    throw error;
  }
}

async function train(
  network: Network,
  data: Dataset,
  options: FitOptions,
  settings: FitSettings,
): Promise<FitResult> {
  const resumed = options.resume
    ? await resumeFrom(options.resume, network, data, options, settings)
    : null;
  const state =
    resumed?.state ??
    (await initialState(network, [settings.batchSize, ...data.example.input], settings.seed));

  const run = new TrainingRun(network, data, options, settings, state, resumed);
  options.onEvent?.({
    type: "start",
    epochs: options.epochs,
    stepsPerEpoch: settings.stepsPerEpoch,
    batchSize: settings.batchSize,
    parameters: parameterCount(network),
    step: resumed?.step ?? 0,
    changed: resumed ? changedTerms(resumed.terms, termsOf(data, options, settings)) : [],
  });
  const { reason, best } = await run.run();
  const isBest = best !== null && reason !== "aborted";
  if (isBest) setLayerGroups(network, best.groups);
  putState(network, isBest ? best.state : run.state, { average: true });
  options.onEvent?.({ type: "end", reason, step: run.step });
  return {
    history: run.history,
    reason,
    step: run.step,
    epoch: isBest ? best.epoch : (run.history.at(-1)?.epoch ?? 0),
  };
}
