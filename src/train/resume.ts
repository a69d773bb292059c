import { buildModel, type Network, stateDict } from "../nn/index.js";
import { sameShape } from "../tensor/index.js";
import { FormatError, UsageError } from "../util/errors.js";
import { printable } from "../util/text.js";
import { type Checkpoint, decodeCheckpoint } from "./checkpoint.js";
import type { Dataset } from "./data/index.js";
import type { FitOptions, FitSettings } from "./fit-options.js";
import { averageName, ownerOf, type State } from "./state.js";
import { checkTerms, termsOf } from "./terms.js";
import { setLayerGroups } from "./tunable-layers.js";

/**
 * Where a checkpoint says that training stood; the network gets the groups it had.
 *
 * @throws FormatError if the bytes are no checkpoint, or one that contradicts itself.
 * @throws UsageError if it is of another network, or of a training that this one cannot continue.
 */
export async function resumeFrom(
  bytes: Uint8Array,
  network: Network,
  data: Dataset,
  options: FitOptions,
  settings: FitSettings,
): Promise<Checkpoint> {
  const { best, ...checkpoint } = await decodeCheckpoint(bytes);
  checkTerms(checkpoint.terms, termsOf(data, options, settings));
  checkPlace(checkpoint, options, settings);
  const inputShape = [settings.batchSize, ...data.example.input];
  const { averageDecay, earlyStopping } = options;
  if (best && earlyStopping) {
    const { monitor = "loss" } = earlyStopping;
    if (best.monitor !== monitor)
      throw new UsageError(
        `fit: monitor=${monitor} must be monitor=${printable(best.monitor)}, as in the checkpoint`,
      );
    setLayerGroups(network, best.groups);
    checkFits(network, inputShape, best.state);
  }
  setLayerGroups(network, checkpoint.groups);
  checkFits(network, inputShape, checkpoint.state);
  if (averageDecay === undefined)
    for (const name of checkpoint.state.keys())
      if (name === averageName(ownerOf(name))) checkpoint.state.delete(name);
  return { ...checkpoint, best: earlyStopping ? best : null };
}

function checkPlace(
  { epoch, stepInEpoch, step, history, running, terms }: Omit<Checkpoint, "best">,
  { epochs }: FitOptions,
  { stepsPerEpoch }: FitSettings,
): void {
  const isWithin = stepInEpoch <= stepsPerEpoch && step === epoch * stepsPerEpoch + stepInEpoch;
  const hasCounts = running.counts.length > 0;
  if (
    !isWithin ||
    history.length !== epoch ||
    hasCounts !== (stepInEpoch > 0 && terms.fixed.metrics !== "")
  )
    throw new FormatError(
      `checkpoint: epoch=${epoch}, stepInEpoch=${stepInEpoch}, step=${step} and epochs told of=${history.length} contradict each other`,
    );
  if (epoch + (stepInEpoch > 0 ? 1 : 0) > epochs)
    throw new UsageError(
      `fit: epochs=${epochs} must be at least ${epoch + (stepInEpoch > 0 ? 1 : 0)}, which the checkpoint has begun`,
    );
}

function checkFits(network: Network, inputShape: readonly number[], state: State): void {
  const { graph } = buildModel(network, { inputShape, mode: "training" });
  const used = new Map([...stateDict(network)].filter(([name]) => graph.find(name)));
  const names = new Set([...used.keys(), ...state.keys()]);
  for (const name of names) {
    const wanted = used.get(ownerOf(name))?.shape;
    const held = state.get(name)?.shape;
    if (wanted && held && sameShape(wanted, held)) continue;
    const found = held ? `[${held}]` : "no value";
    const place = wanted ? `[${wanted}]` : "which the network does not have";
    throw new UsageError(
      `fit: the checkpoint has ${found} for "${printable(name)}" ${place}; it is of another network`,
    );
  }
}
