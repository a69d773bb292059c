import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** What passes on the wall, or what the processor spends on the process. */
export type Clock = "wall" | "processor";

/** A process that trains one case and answers a line to each line: `worker.ts` or `peer.py`. */
export class Contestant {
  readonly #answers: AsyncIterator<string>;

  private constructor(
    readonly process: ChildProcess,
    readonly name: string,
  ) {
    this.#answers = createInterface({ input: process.stdout! })[Symbol.asyncIterator]();
  }

  /** @returns The process, and the words it said when it was ready. */
  static async start(
    name: string,
    command: string,
    args: readonly string[],
  ): Promise<{ contestant: Contestant; words: readonly string[] }> {
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
    const contestant = new Contestant(child, name);
    const [ready, ...words] = await contestant.#answer();
    if (ready !== "ready") throw new Error(`${name}: said "${ready}" instead of "ready"`);
    return { contestant, words };
  }

  /** Seconds a step, over so many steps. */
  async run(steps: number, clock: Clock = "wall"): Promise<number> {
    this.process.stdin!.write(`run ${steps}\n`);
    const [wall, cpu, loss] = (await this.#answer()).map(Number);
    if (!Number.isFinite(loss)) throw new Error(`${this.name}: loss=${loss}`);
    return (clock === "wall" ? wall : cpu) / steps;
  }

  /** The most memory it ever held resident, in MB of 10^6 bytes. */
  async peakMegabytes(): Promise<number> {
    this.process.stdin!.write("peak\n");
    return (Number((await this.#answer())[0]) * 1024) / 1e6;
  }

  /** Resolves when the process has ended. */
  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once("close", resolve));
    this.process.stdin!.end();
    await ended;
  }

  async #answer(): Promise<string[]> {
    const { value, done } = await this.#answers.next();
    if (done) throw new Error(`${this.name}: ended with ${this.process.exitCode}`);
    return value.split(" ");
  }
}
