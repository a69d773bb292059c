import type { Network } from "../nn/index.js";
import { Rng } from "../tensor/index.js";
import { UsageError } from "../util/errors.js";
import { range } from "../util/math.js";
import { checkClasses, checkExample } from "./check-targets.js";
import { type Best, type Checkpoint, encodeCheckpoint } from "./checkpoint.js";
import type { Batch, Dataset } from "./data/index.js";
import { type Evaluation, Evaluator, metricsOf } from "./evaluate.js";
import type { EpochRecord, FitEvent, StopReason } from "./events.js";
import type { FitOptions, FitSettings } from "./fit-options.js";
import { copyOf, type State } from "./state.js";
import { addUp, Stepper } from "./stepper.js";
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
    while (this.#epoch < epochs) {
      await this.#regroup();
      await this.#ready();
      const started = performance.now();
      const lr = await this.#steps(started);
      if (lr === null) {
        await this.#save();
        return "aborted";
      }
      const isOver = await this.#endEpoch(lr, performance.now() - started);
      this.#epoch++;
      this.#stepInEpoch = 0;
      this.#running = { loss: 0, counts: null };
      const isDue = this.#epoch % (checkpoints?.everyEpochs ?? 1) === 0;
      if (isDue || isOver || this.#epoch === epochs) await this.#save();
      if (isOver) return "early";
    }
    return "finished";
  }

  /** The steps of one epoch that are left; the last learning rate, or null when the caller stopped it. */
  async #steps(started: number): Promise<number | null> {
    const { settings, options } = this;
    const { stepsPerEpoch, totalSteps, batchSize, accumulate } = settings;
    const stepper = await this.#ready();
    const order = this.#rng.fork(`order ${this.#epoch}`).shuffle(range(this.data.size));
    const first = this.#stepInEpoch;
    let lr = 0;
    while (this.#stepInEpoch < stepsPerEpoch) {
      if (options.signal?.aborted) return null;
      const from = this.#stepInEpoch * batchSize * accumulate;
      const batches = await this.#batches(order.slice(from, from + batchSize * accumulate));
      lr =
        settings.optimizer.lr * settings.schedule({ step: this.step, totalSteps, stepsPerEpoch });
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
    return lr;
  }

  async #batches(indices: readonly number[]): Promise<Batch[]> {
    const { batchSize, accumulate } = this.settings;
    const batches: Batch[] = [];
    for (const i of range(accumulate)) {
      const batch = await this.data.batch(indices.slice(i * batchSize, (i + 1) * batchSize));
      checkClasses(batch, this.#stepper!.graph.targets);
      const rng = this.#rng.fork(`augment ${this.step}.${i}`);
      batches.push(this.options.augment?.(batch, rng) ?? batch);
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
    if (!options.validation) return this.#stepper;
    const { input } = options.validation.example;
    this.#evaluator = await Evaluator.create(network, input, { loss, metrics, threads });
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
  async #calibration(): Promise<Batch> {
    const order = this.#rng.fork(`calibration ${this.#epoch}`).shuffle(range(this.data.size));
    return this.data.batch(order.slice(0, CALIBRATION_EXAMPLES));
  }

  async #endEpoch(lr: number, durationMs: number): Promise<boolean> {
    const { validation } = this.options;
    const { objective } = this.#stepper!.graph;
    const outputs = [...new Set(objective.losses.keys())];
    const train: Evaluation = {
      loss: this.#running.loss / this.settings.stepsPerEpoch,
      metrics: metricsOf(objective, outputs, this.#running.counts ?? []),
    };
    const record: EpochRecord = {
      epoch: this.#epoch,
      step: this.step,
      train,
      validation: validation ? await this.#evaluator!.run(this.state, validation) : null,
      lr,
      groups: layerGroups(this.network),
      durationMs,
    };
    this.history.push(record);
    this.#tell({ type: "epoch", ...record });
    return this.#isTimeToStop(record);
  }

  #isTimeToStop(record: EpochRecord): boolean {
    const { earlyStopping } = this.options;
    if (!earlyStopping) return false;
    const { patience = 5, monitor = "loss", minDelta = 0 } = earlyStopping;
    const { loss, metrics } = record.validation ?? record.train;
    const value = monitor === "loss" ? loss : metrics[monitor];
    if (value === undefined)
      throw new UsageError(
        `fit: monitor=${monitor} must be loss or a metric: ${Object.keys(metrics).join(", ") || "there is none"}`,
      );
    const sign = monitor !== "loss" && this.#higherIsBetter(monitor) ? -1 : 1;
    const isBetter = !this.#best || sign * value < sign * this.#best.value - minDelta;
    if (isBetter) {
      const state: State = new Map([...this.state].map(([name, t]) => [name, copyOf(t)]));
      this.#best = { epoch: record.epoch, value, groups: record.groups, state };
    }
    return record.epoch - this.#best!.epoch >= patience;
  }

  #higherIsBetter(monitor: string): boolean {
    const name = monitor.split(".").at(-1);
    const { metrics } = this.#stepper!.graph.objective;
    return metrics.some(({ metric }) => metric.name === name && metric.higherIsBetter);
  }

  async #save(): Promise<void> {
    const { checkpoints } = this.options;
    if (!checkpoints) return;
    const { loss, counts } = this.#running;
    const bytes = await encodeCheckpoint({
      seed: this.settings.seed,
      batchSize: this.settings.batchSize,
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
    for (const one of held) await one?.release();
  }

  #tell(event: FitEvent): void {
    this.options.onEvent?.(event);
  }
}
