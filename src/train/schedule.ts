import { describeCall } from "../util/describe-call.js";
import { UsageError } from "../util/errors.js";

/** Where training stands. */
export interface Progress {
  /** Steps done before this one: 0 is the first. */
  readonly step: number;
  readonly totalSteps: number;
  readonly stepsPerEpoch: number;
}

/** What the learning rate is multiplied by at a step. */
export interface Schedule {
  (progress: Progress): number;
  /** Name and options, to tell a resumed training's from another. Defaults to the function's name. */
  readonly recipe?: string;
}

function named(recipe: string, schedule: Schedule): Schedule {
  return Object.assign(schedule, { recipe });
}

/** The learning rate as it is. */
export function constantLr(): Schedule {
  return named("constantLr()", () => 1);
}

/** Half a cosine from 1 down to `floor` at the end (https://arxiv.org/abs/1608.03983). `floor` defaults to 0. */
export function cosineLr({ floor = 0 }: { readonly floor?: number } = {}): Schedule {
  checkShare("cosineLr", "floor", floor);
  return named(describeCall("cosineLr", { floor }), ({ step, totalSteps }) =>
    halfCosine(1, floor, step / totalSteps),
  );
}

export interface OneCycleOptions {
  /** Share of all steps in which the rate rises. Defaults to 0.3. */
  readonly rise?: number;
  /** What the rate starts at, as a share of the highest. Defaults to 1 / 25. */
  readonly start?: number;
  /** What it ends at. Defaults to 1 / 250000. */
  readonly end?: number;
}

/**
 * Up to the full rate and down to almost nothing, both along half a cosine, with PyTorch's defaults of
 * `OneCycleLR` (https://arxiv.org/abs/1708.07120).
 */
export function oneCycleLr({
  rise = 0.3,
  start = 1 / 25,
  end = 4e-6,
}: OneCycleOptions = {}): Schedule {
  for (const [name, share] of Object.entries({ rise, start, end }))
    checkShare("oneCycleLr", name, share);
  return named(describeCall("oneCycleLr", { rise, start, end }), ({ step, totalSteps }) => {
    const top = Math.max(1, rise * totalSteps - 1);
    return step <= top
      ? halfCosine(start, 1, step / top)
      : halfCosine(1, end, (step - top) / Math.max(1, totalSteps - 1 - top));
  });
}

/** Multiplies the rate by `factor` every `every` epochs. They default to 0.1 and 30. */
export function stepLr({
  every = 30,
  factor = 0.1,
}: {
  every?: number;
  factor?: number;
} = {}): Schedule {
  if (!(Number.isInteger(every) && every >= 1))
    throw new UsageError(`stepLr: every=${every} must be a whole number of at least 1`);
  if (!(factor >= 0 && Number.isFinite(factor)))
    throw new UsageError(`stepLr: factor=${factor} must be a number of at least 0`);
  return named(
    describeCall("stepLr", { every, factor }),
    ({ step, stepsPerEpoch }) => factor ** Math.floor(step / stepsPerEpoch / every),
  );
}

/** Rises in a straight line for `steps` steps, then follows `schedule` through the steps that remain. */
export function warmupLr(steps: number, schedule: Schedule = constantLr()): Schedule {
  if (!(Number.isInteger(steps) && steps >= 0))
    throw new UsageError(`warmupLr: steps=${steps} must be a whole number of at least 0`);
  const then = schedule.recipe ?? schedule.name;
  return named(describeCall("warmupLr", { steps, then }), ({ step, totalSteps, stepsPerEpoch }) =>
    step < steps
      ? (step + 1) / steps
      : schedule({
          step: step - steps,
          totalSteps: Math.max(1, totalSteps - steps),
          stepsPerEpoch,
        }),
  );
}

function halfCosine(from: number, to: number, share: number): number {
  return to + ((from - to) * (1 + Math.cos(Math.PI * Math.min(1, share)))) / 2;
}

function checkShare(schedule: string, name: string, value: number): void {
  if (!(value >= 0 && value <= 1))
    throw new UsageError(`${schedule}: ${name}=${value} must be from 0 to 1`);
}
