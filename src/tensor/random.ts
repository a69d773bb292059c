import { FormatError, UsageError } from "../util/errors.js";
import { portableLog } from "./portable-log.js";
import { elementCount } from "./shape.js";
import { Tensor } from "./tensor.js";
import { splitmix64, xoshiro128 } from "./xoshiro.js";

/** Where a generator stands; plain JSON, for checkpoints. */
export interface RngState {
  /** 64 bits, 16 hexadecimal digits: what the streams of `fork` descend from. */
  readonly key: string;
  /** The four 32-bit words of xoshiro128**, not all zero. */
  readonly words: readonly number[];
}

/**
 * Seeded random numbers. The same seed and the same calls give the same bits on every machine: nothing
 * here leans on `Math.random`, nor on a function whose rounding is up to the engine.
 */
export class Rng {
  #key: bigint;
  #words: Uint32Array;

  /**
   * @param seed Any whole number between -(2^53 - 1) and 2^53 - 1.
   * @throws UsageError for anything else.
   */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed))
      throw new UsageError(`Rng: seed=${seed} must be a whole number within ±(2^53 - 1)`);
    this.#key = BigInt.asUintN(64, BigInt(seed));
    this.#words = spread(this.#key);
  }

  /**
   * The generator that gave this state, about to go on where it stood.
   *
   * @throws FormatError if the state is not one that `state` gives.
   */
  static restore(state: RngState): Rng {
    const { key, words } = state;
    const isWord = (word: unknown) => Number.isInteger(word) && word === (word as number) >>> 0;
    if (typeof key !== "string" || !/^[0-9a-f]{16}$/.test(key))
      throw new FormatError("Rng.restore: key must be 16 hexadecimal digits");
    if (!Array.isArray(words) || words.length !== 4 || !words.every(isWord) || !words.some(Boolean))
      throw new FormatError("Rng.restore: words must be four 32-bit numbers, not all zero");
    const rng = new Rng(0);
    rng.#key = BigInt(`0x${key}`);
    rng.#words = Uint32Array.from(words);
    return rng;
  }

  get state(): RngState {
    return { key: this.#key.toString(16).padStart(16, "0"), words: [...this.#words] };
  }

  /**
   * An independent stream, set by this generator's seed and the label alone: neither depends on how many
   * numbers the other has drawn. The same label twice is the same stream twice.
   */
  fork(label: string): Rng {
    const rng = new Rng(0);
    [rng.#key] = splitmix64(this.#key ^ fnv1a64(label), 1);
    rng.#words = spread(rng.#key);
    return rng;
  }

  /** One number from [0, 1), a multiple of 2^-53. */
  float(): number {
    return this.#bits53() / 2 ** 53;
  }

  /**
   * One whole number, `low <= x < high`, all equally likely.
   *
   * @throws UsageError unless both are whole and `low < high < low + 2^53`.
   */
  integer(low: number, high: number): number {
    const span = high - low;
    if (
      !Number.isSafeInteger(low) ||
      !Number.isSafeInteger(high) ||
      span < 1 ||
      !Number.isSafeInteger(span)
    )
      throw new UsageError(
        `Rng.integer: low=${low} and high=${high} must be whole numbers, low < high < low + 2^53`,
      );
    const fair = 2 ** 53 - (2 ** 53 % span); // above it the lower remainders would come once more
    let bits = this.#bits53();
    while (bits >= fair) bits = this.#bits53();
    return low + (bits % span);
  }

  /**
   * float32 tensor, evenly spread over [low, high). Rounding to float32 may give `high` itself.
   * `low` defaults to 0, `high` to 1.
   */
  uniform(shape: readonly number[], low = 0, high = 1): Tensor<"float32"> {
    const data = new Float32Array(elementCount(shape));
    for (let i = 0; i < data.length; i++) data[i] = low + (high - low) * this.float();
    return new Tensor("float32", shape, data);
  }

  /** float32 tensor, normally distributed. `mean` defaults to 0, `std` to 1. */
  normal(shape: readonly number[], mean = 0, std = 1): Tensor<"float32"> {
    const data = new Float32Array(elementCount(shape));
    for (let i = 0; i < data.length; i += 2) {
      const [a, b] = this.#normalPair();
      data[i] = mean + std * a;
      if (i + 1 < data.length) data[i + 1] = mean + std * b;
    }
    return new Tensor("float32", shape, data);
  }

  /** The items in random order, all orders equally likely, as a new array (Fisher-Yates). */
  shuffle<T>(items: readonly T[]): T[] {
    const shuffled = [...items];
    for (let last = shuffled.length - 1; last > 0; last--) {
      const chosen = this.integer(0, last + 1);
      [shuffled[last], shuffled[chosen]] = [shuffled[chosen], shuffled[last]];
    }
    return shuffled;
  }

  #bits53(): number {
    const high = xoshiro128(this.#words) >>> 5;
    const low = xoshiro128(this.#words) >>> 6;
    return high * 2 ** 26 + low;
  }

  /** Two independent standard normals, by Marsaglia's polar method (https://doi.org/10.1137/1006063). */
  #normalPair(): [number, number] {
    for (;;) {
      const u = 2 * this.float() - 1;
      const v = 2 * this.float() - 1;
      const s = u * u + v * v;
      if (s >= 1 || s === 0) continue;
      const scale = Math.sqrt((-2 * portableLog(s)) / s);
      return [u * scale, v * scale];
    }
  }
}

/** The four words of xoshiro128** for a key, lower half of each splitmix64 output first. */
function spread(key: bigint): Uint32Array {
  const words = splitmix64(key, 2).flatMap((x) => [Number(x & 0xffffffffn), Number(x >> 32n)]);
  return Uint32Array.from(words);
}

/** FNV-1a, 64 bits, over UTF-8 (http://www.isthe.com/chongo/tech/comp/fnv/). */
function fnv1a64(text: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text))
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}
