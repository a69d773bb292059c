/** Memory that is taken again and again: new pages cost more than filling them. */
export class Room {
  #memory = new Float32Array();

  /** Whatever was taken before is lost, and stands in it. */
  take(length: number): Float32Array<ArrayBuffer> {
    if (this.#memory.length < length) this.#memory = new Float32Array(length);
    return this.#memory.subarray(0, length);
  }
}
