/** Longer stretches rarely come twice. */
const LONGEST = 256;

/**
 * Remembers what was made of stretches of one array of bytes, to give it again for equal bytes: a name
 * stands in a file several times, `kernel_shape=[3, 3]` at every other node. A slot remembers one stretch
 * and forgets the one before, so no file can make it slow.
 */
export class ByteMemo<T> {
  readonly #starts: Int32Array;
  readonly #lengths: Int32Array;
  readonly #made: (T | undefined)[];

  /** @param make Makes what is remembered, of the bytes from `start` to `start + length`. */
  constructor(
    readonly bytes: Uint8Array,
    readonly make: (start: number, length: number) => T,
  ) {
    const slots = 2 ** Math.ceil(Math.log2(Math.min(Math.max(bytes.length / 64, 64), 2 ** 18)));
    this.#starts = new Int32Array(slots);
    this.#lengths = new Int32Array(slots).fill(-1);
    this.#made = new Array<undefined>(slots).fill(undefined);
  }

  get(start: number, length: number): T {
    if (length > LONGEST) return this.make(start, length);
    const slot = this.#hash(start, length) & (this.#starts.length - 1);
    if (this.#lengths[slot] === length && this.#isSame(this.#starts[slot], start, length))
      return this.#made[slot] as T;
    const made = this.make(start, length);
    this.#made[slot] = made;
    this.#starts[slot] = start;
    this.#lengths[slot] = length;
    return made;
  }

  #hash(start: number, length: number): number {
    let hash = length;
    for (let i = 0; i < length; i++) hash = (Math.imul(hash, 31) + this.bytes[start + i]) | 0;
    return hash ^ (hash >>> 15);
  }

  #isSame(a: number, b: number, length: number): boolean {
    for (let i = 0; i < length; i++) if (this.bytes[a + i] !== this.bytes[b + i]) return false;
    return true;
  }
}
