import { Rng } from "../../tensor/index.js";
import { range } from "../../util/math.js";

/** Something that takes time. */
export interface Contestant {
  /** Runs it, and says how long one run took, in ms. */
  time(): Promise<number>;
}

export interface RoundsOptions {
  /** Rounds made before, to be continued. */
  readonly earlier?: readonly (readonly number[])[];
  /** The rounds are given up when this says so; a round that is not whole does not count. */
  isOver(rounds: number): boolean;
  /** Asked after each whole round. */
  isSettled(rounds: readonly (readonly number[])[]): boolean;
  readonly mostRounds: number;
  /** Called before each timing. */
  pause?(rounds: number): Promise<void>;
}

export interface Rounds {
  /** Of each round the time of every contestant, in ms. */
  readonly rounds: readonly (readonly number[])[];
  readonly settled: boolean;
}

/**
 * Times contestants in turns: each once a round, in an order drawn anew for every round, so that neither
 * drift nor what ran just before favours any of them.
 */
export async function timeInRounds(
  contestants: readonly Contestant[],
  options: RoundsOptions,
): Promise<Rounds> {
  const rounds = [...(options.earlier ?? [])];
  const rng = new Rng(rounds.length + 1);
  let settled = rounds.length > 0 && options.isSettled(rounds);
  while (!settled && rounds.length < options.mostRounds) {
    const times: number[] = [];
    for (const i of rng.shuffle(range(contestants.length))) {
      if (options.isOver(rounds.length)) return { rounds, settled };
      await options.pause?.(rounds.length);
      times[i] = await contestants[i].time();
    }
    rounds.push(times);
    settled = options.isSettled(rounds);
  }
  return { rounds, settled };
}
