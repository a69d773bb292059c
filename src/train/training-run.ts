import type { Network } from "../nn/index.js";
import { Rng } from "../tensor/index.js";
import { UsageError } from "../util/errors.js";
import { range } from "../util/math.js";
import { checkBatch, checkExample } from "./check-data.js";
import { type Best, type Checkpoint, encodeCheckpoint } from "./checkpoint.js";
import type { Batch, Dataset } from "./data/index.js";
import { type Evaluation, Evaluator, metricsOf } from "./evaluate.js";
import type { EpochRecord, FitEvent, StopReason } from "./events.js";
import { checkFinite } from "./find-non-finite.js";
import type { FitOptions, FitSettings } from "./fit-options.js";
import type { Objective } from "./objective.js";
import { networkState, type State } from "./state.js";
import { addUp, Stepper } from "./stepper.js";
import { termsOf } from "./terms.js";
import { layerGroups } from "./tunable-layers.js";
import { warmUpGroups } from "./warm-up-groups.js";

/** Each gives a sample for every pixel, so that they are many times the channels of a layer. */
const CALIBRATION_EXAMPLES = 256;

/** Sums over the steps of the epoch under way. */
interface Running {
  loss: number;
  counts: Float64Array[] | null;
}

/** One call of `fit` under way: epochs of steps, and what happens between them. */
export class TrainingRun {
  readonly history: EpochRecord[];
  step: number;
  #epoch: number;
  #stepInEpoch: number;
  #running: Running;
  #best: Best | null;
  #stepper: Stepper | null = null;
  #evaluator: Evaluator | null = null;
  readonly #rng: Rng;

  constructor(
    readonly network: Network,
    readonly data: Dataset,
    readonly options: FitOptions,
    readonly settings: FitSettings,
    readonly state: State,
    resumed: Checkpoint | null,
  ) {
    this.#rng = new Rng(settings.seed);
    this.history = [...(resumed?.history ?? [])];
    this.step = resumed?.step ?? 0;
    this.#epoch = resumed?.epoch ?? 0;
    this.#stepInEpoch = resumed?.stepInEpoch ?? 0;
    const counts = resumed?.running.counts.map((list) => Float64Array.from(list));
    this.#running = {
      loss: resumed?.running.loss ?? 0,
      counts: counts && counts.length > 0 ? counts : null,
    };
    this.#best = resumed?.best ?? null;
  }

  async run(): Promise<{ reason: StopReason; best: Best | null }> {
    try {
      const reason = await this.#epochs();
      return { reason, best: this.#best };
    } finally {
      await this.#release();
    }
  }

  async #epochs(): Promise<StopReason> {
    const { epochs, checkpoints } = this.options;
    while (this.#epoch < epochs && !this.#isTimeToStop()) {
      await this.#regroup();
      await this.#ready();
      const started = performance.now();
      if (!(await this.#steps(started))) {
        await this.#save();
        return "aborted";
      }
      await this.#endEpoch(performance.now() - started);
      this.#epoch++;
      this.#stepInEpoch = 0;
      this.#running = { loss: 0, counts: null };
      const isLast = this.#epoch === epochs || this.#isTimeToStop();
      if (isLast || this.#epoch % (checkpoints?.everyEpochs ?? 1) === 0) await this.#save();
    }
    return this.#isTimeToStop() ? "early" : "finished";
  }

  /** The steps of one epoch that are left; whether all are done, or the caller stopped it. */
  async #steps(started: number): Promise<boolean> {
    const { settings, options } = this;
    const { stepsPerEpoch, totalSteps, batchSize, accumulate } = settings;
    const stepper = await this.#ready();
    const order = this.#rng.fork(`order ${this.#epoch}`).shuffle(range(this.data.size));
    const first = this.#stepInEpoch;
    while (this.#stepInEpoch < stepsPerEpoch) {
      if (options.signal?.aborted) return false;
      const from = this.#stepInEpoch * batchSize * accumulate;
      const batches = await this.#batches(order.slice(from, from + batchSize * accumulate));
      const lr = this.#lrOf(this.step);
      const rng = this.#rng.fork(`step ${this.step}`);
      const outcome = await stepper.run(this.state, batches, { step: this.step + 1, lr, rng });
      this.step++;
      this.#stepInEpoch++;
      this.#running.loss += outcome.loss;
      this.#running.counts = addUp([
        ...(this.#running.counts ? [this.#running.counts] : []),
        outcome.counts,
      ]);
      const perStepMs = (performance.now() - started) / (this.#stepInEpoch - first);
      this.#tell({
        type: "step",
        epoch: this.#epoch,
        step: this.step,
        totalSteps,
        loss: outcome.loss,
        lr,
        gradientNorm: outcome.gradientNorm,
        examplesPerSecond: (batchSize * accumulate * 1000) / perStepMs,
        remainingMs: perStepMs * (totalSteps - this.step),
      });
      const { everySteps } = options.checkpoints ?? {};
      if (everySteps && this.step % everySteps === 0) await this.#save();
    }
    return true;
  }

  /** @param step Steps done before. */
  #lrOf(step: number): number {
    const { schedule, optimizer, totalSteps, stepsPerEpoch } = this.settings;
    const factor = schedule({ step, totalSteps, stepsPerEpoch });
    if (!(factor >= 0 && Number.isFinite(factor)))
      throw new UsageError(
        `fit: the schedule's factor=${factor} at step=${step} must be a number of at least 0`,
      );
    return optimizer.lr * factor;
  }

  async #batches(indices: readonly number[]): Promise<Batch[]> {
    const { batchSize, accumulate } = this.settings;
    const batches: Batch[] = [];
    for (const i of range(accumulate)) {
      const drawn = await this.data.batch(indices.slice(i * batchSize, (i + 1) * batchSize));
      const rng = this.#rng.fork(`augment ${this.step}.${i}`);
      const batch = this.options.augment?.(drawn, rng) ?? drawn;
      checkBatch(batch, batchSize, this.data.example, this.#stepper!.graph.targets);
      batches.push(batch);
    }
    return batches;
  }

  /** Compiles what is not compiled, for the groups as they are. */
  async #ready(): Promise<Stepper> {
    if (this.#stepper) return this.#stepper;
    const { options, settings, network, data } = this;
    const { loss, metrics, threads } = options;
    this.#stepper = await Stepper.create(network, this.state, {
      inputShape: [settings.batchSize, ...data.example.input],
      loss,
      metrics,
      threads,
      optimizer: settings.optimizer,
      accumulate: settings.accumulate,
      clipNorm: options.clipNorm,
      averageDecay: options.averageDecay,
      seed: settings.seed,
    });
    checkExample(data.example, this.#stepper.graph.targets);
    this.#checkMonitor(this.#stepper.graph.objective);
    if (!options.validation) return this.#stepper;
    const { input } = options.validation.example;
    this.#evaluator = await Evaluator.create(network, input, {
      loss,
      metrics,
      threads,
      batchSize: settings.batchSize, // what is known to fit into memory
    });
    checkExample(options.validation.example, this.#evaluator.targets);
    return this.#stepper;
  }

  async #regroup(): Promise<void> {
    const { groupWarmup } = this.options;
    if (!groupWarmup || this.#stepInEpoch > 0) return;
    const changes = await warmUpGroups(this.network, this.state, groupWarmup, this.#epoch, {
      seed: this.settings.seed,
      inputShape: this.data.example.input,
      calibration: () => this.#calibration(),
    });
    if (changes.length === 0) return;
    await this.#release();
    this.#tell({ type: "regroup", epoch: this.#epoch, changes });
  }

  /** Training examples that tell what a convolution loses when its groups change. */
  async *#calibration(): AsyncGenerator<Batch> {
    const order = this.#rng.fork(`calibration ${this.#epoch}`).shuffle(range(this.data.size));
    const count = Math.min(order.length, CALIBRATION_EXAMPLES);
    const { batchSize } = this.settings;
    for (let start = 0; start < count; start += batchSize) {
      const indices = order.slice(start, Math.min(count, start + batchSize));
      const batch = await this.data.batch(indices);
      checkBatch(batch, indices.length, this.data.example, new Map());
      yield batch;
    }
  }

  async #endEpoch(durationMs: number): Promise<void> {
    const { validation } = this.options;
    const { objective } = this.#stepper!.graph;
    checkFinite(this.state, this.step);
    const train: Evaluation = {
      loss: this.#running.loss / this.settings.stepsPerEpoch,
      metrics: metricsOf(objective, this.#running.counts ?? []),
    };
    const record: EpochRecord = {
      epoch: this.#epoch,
      step: this.step,
      train,
      validation: validation ? await this.#evaluator!.run(this.state, validation) : null,
      lr: this.#lrOf(this.step - 1),
      groups: layerGroups(this.network),
      durationMs,
    };
    this.history.push(record);
    this.#tell({ type: "epoch", ...record });
    this.#noteBest(record);
  }

  #checkMonitor({ metrics }: Objective): void {
    const { monitor = "loss" } = this.options.earlyStopping ?? {};
    const labels = metrics.map(({ label }) => label);
    if (monitor !== "loss" && !labels.includes(monitor))
      throw new UsageError(
        `fit: monitor=${monitor} must be loss or a metric: ${labels.join(", ") || "there is none"}`,
      );
  }

  #noteBest(record: EpochRecord): void {
    const { earlyStopping } = this.options;
    if (!earlyStopping) return;
    const { monitor = "loss", minDelta = 0 } = earlyStopping;
    const { loss, metrics } = record.validation ?? record.train;
    const value = monitor === "loss" ? loss : metrics[monitor];
    const watched = this.#stepper!.graph.objective.metrics.find(({ label }) => label === monitor);
    const sign = watched?.metric.higherIsBetter ? -1 : 1;
    const best = this.#best;
    // Anything is better than NaN.
    if (best && !Number.isNaN(best.value) && !(sign * value < sign * best.value - minDelta)) return;
    this.#best = {
      epoch: record.epoch,
      monitor,
      value,
      groups: record.groups,
      state: networkState(this.state),
    };
  }

  /** Whether too many epochs have passed since the best. */
  #isTimeToStop(): boolean {
    const { patience = 5 } = this.options.earlyStopping ?? {};
    return this.#best !== null && this.#epoch - 1 - this.#best.epoch >= patience;
  }

  async #save(): Promise<void> {
    const { checkpoints } = this.options;
    if (!checkpoints) return;
    checkFinite(this.state, this.step); // the last good one is worth more
    const { loss, counts } = this.#running;
    const bytes = await encodeCheckpoint({
      terms: termsOf(this.data, this.options, this.settings),
      epoch: this.#epoch,
      stepInEpoch: this.#stepInEpoch,
      step: this.step,
      running: { loss, counts: (counts ?? []).map((list) => [...list]) },
      groups: layerGroups(this.network),
      history: this.history,
      state: this.state,
      best: this.#best,
    });
    await checkpoints.save(bytes);
    this.#tell({ type: "checkpoint", epoch: this.#epoch, step: this.step });
  }

  async #release(): Promise<void> {
    const held = [this.#stepper, this.#evaluator];
    this.#stepper = null;
    this.#evaluator = null;
    await Promise.all(held.map((one) => one?.release()));
  }

  #tell(event: FitEvent): void {
    this.options.onEvent?.(event);
  }
}
