import type { Output } from "./context.js";

/** Lines at the bottom of a terminal that are drawn again and again in one place. */
export class LiveFrame {
  #lines = 0;

  constructor(readonly output: Output) {}

  /** Draws the frame in place of the one before. No line may be wider than the terminal. */
  draw(text: string): void {
    this.output.write(`${this.#erase()}${text}\n`);
    this.#lines = text.split("\n").length;
  }

  /** Prints a line that stays, above the frame to come. */
  print(line: string): void {
    this.output.write(`${this.#erase()}${line}\n`);
    this.#lines = 0;
  }

  /** Takes the frame away. */
  clear(): void {
    this.output.write(this.#erase());
    this.#lines = 0;
  }

  /** Up to the first line of the frame; clears to the end of the screen. */
  #erase(): string {
    return this.#lines === 0 ? "" : `\u001b[${this.#lines}A\u001b[J`;
  }
}
