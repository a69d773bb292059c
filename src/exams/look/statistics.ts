import type { Model } from "../../graph/index.js";
import { Session, type Tensors } from "../../runtime/index.js";
import { type Tensor, tensor } from "../../tensor/index.js";
import { ceilDiv, divisors, product, range } from "../../util/math.js";
import { QUIET } from "../quiet.js";
import { FOLLOWING, type Follower } from "./follower.js";
import { clearTinyChannels, joinBatches, type Observations } from "./observations.js";
import { Room } from "./room.js";
import { offsetsOf, PORTS, productsPort, writeStatistics } from "./statistics-graph.js";

/** What observations come to. */
export interface Statistics {
  /** Observations of each channel. */
  readonly count: number;
  /** `[C]`: near the mean; what it lacks is in `residual`. */
  readonly mean: ArrayLike<number>;
  /** `[C]` */
  readonly residual: ArrayLike<number>;
  /** Blocks that the channels are cut into. */
  readonly blocks: number;
  /** For each of `offsetsOf(blocks)`: `[pairs, C / blocks, C / blocks]`; see `productsPort`. */
  readonly products: readonly ArrayLike<number>[];
  /** Of some channels against others half a picture away; null without a picture. */
  readonly shifted: ShiftedStatistics | null;
}

/**
 * What correlation unrelated channels show: one half of a channel against the other half of another one.
 * Both keep their statistics and how alike their neighbours are; what they have to do with each other at
 * one place is gone.
 */
export interface ShiftedStatistics {
  /** `[c, c]`: products of the first half of a channel with the second of another, over all samples. */
  readonly products: ArrayLike<number>;
  /** `[c]`: squares of both halves, each less its own mean, as if these had taken no freedom from them. */
  readonly squares: ArrayLike<number>;
}

/** Channels that are shifted. */
const MOST_SHIFTED = 16;
/** A picture of fewer positions has no halves worth the name. */
export const LEAST_SHIFTED_POSITIONS = 16;
/** More blocks save no more products than copying them takes. */
const MOST_BLOCKS = 8;
/** Products of fewer channels are too small for the processor to be quick at. */
const LEAST_BLOCK = 96;

export function blocksOf(channels: number): number {
  const fitting = divisors(channels).filter(
    (blocks) => blocks <= MOST_BLOCKS && channels / blocks >= LEAST_BLOCK,
  );
  return Math.max(1, ...fitting);
}

export function isShifted(channels: number, positions: number): boolean {
  return channels >= 2 && positions >= LEAST_SHIFTED_POSITIONS;
}

/**
 * Reduces the values of any layer in the runtime, and those that follow from them: by one small model for each way of
 * cutting channels, and one for each way of following.
 */
export class Reducer {
  readonly #sessions = new Map<string, Session>();
  readonly #joined = new Room();
  readonly #following = new Room();

  /**
   * All batches as one, as long as no others are joined.
   *
   * @param batches Of one value, `[N, C, ...size]`; tiny numbers in them may become zeros, see `clearTinyChannels`.
   */
  join(batches: readonly Tensor[]): Observations {
    const observations = joinBatches(batches, this.#joined);
    clearTinyChannels(observations);
    return observations;
  }

  /** What follows from them, as long as nothing else is followed. */
  async follow(observations: Observations, follower: Follower): Promise<Observations> {
    const { key, model } = follower;
    const session = await this.#session(key, () => model);
    const feeds = await follower.feeds(observations);
    const { shape } = feeds.x;
    const memory = this.#following.take(product(shape));
    await session.run(feeds, { [FOLLOWING]: tensor(memory, shape) });
    const following = { ...observations, data: memory };
    clearTinyChannels(following);
    return following;
  }

  async reduce({ data, samples, channels, positions }: Observations): Promise<Statistics> {
    const blocks = blocksOf(channels);
    const shifted = isShifted(channels, positions);
    const key = `${blocks} ${shifted}`;
    const session = await this.#session(key, () => writeStatistics(blocks, shifted));
    const x = tensor(data, [samples, blocks, channels / blocks, positions]);
    const results = await session.run(
      shifted ? { x, ...shiftOf(channels, blocks, positions) } : { x },
    );
    const numbers = (name: string) => results[name].data as Float32Array;
    return {
      count: samples * positions,
      mean: numbers(PORTS.mean),
      residual: numbers(PORTS.residual),
      blocks,
      products: offsetsOf(blocks).map((offset) => numbers(productsPort(offset))),
      shifted: shifted
        ? {
            products: numbers(PORTS.shiftedProducts),
            squares: numbers(PORTS.shiftedSquares).map((square) => square * freedomOf(positions)),
          }
        : null,
    };
  }

  async release(): Promise<void> {
    for (const session of this.#sessions.values()) await session.release();
    this.#sessions.clear();
  }

  async #session(key: string, write: () => Model): Promise<Session> {
    let session = this.#sessions.get(key);
    if (!session) {
      session = await Session.create(write(), QUIET);
      this.#sessions.set(key, session);
    }
    return session;
  }
}

/** Of n numbers less the means of two halves n - 2 are free; correlations go with the root of that. */
function freedomOf(positions: number): number {
  const both = 2 * Math.floor(positions / 2);
  return Math.sqrt(both / (both - 2));
}

/** Which channels are shifted, as `[block, place in it]`, and the halves of a picture. */
function shiftOf(channels: number, blocks: number, positions: number): Tensors {
  const step = ceilDiv(channels, MOST_SHIFTED);
  const some = range(ceilDiv(channels, step)).map((i) => i * step);
  const side = channels / blocks;
  const places = some.flatMap((channel) => [Math.floor(channel / side), channel % side]);
  const half = Math.floor(positions / 2);
  const integers = (numbers: number[], shape: number[]) =>
    tensor(BigInt64Array.from(numbers, BigInt), shape);
  return {
    [PORTS.some]: integers(places, [some.length, 2]),
    [PORTS.half]: integers([half], [1]),
    [PORTS.both]: integers([2 * half], [1]),
  };
}
