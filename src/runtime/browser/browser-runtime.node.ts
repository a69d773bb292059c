import type { Page } from "playwright-core";
import { type NumericDType, Tensor, toTyped } from "../../tensor/index.js";
import { RuntimeError, UsageError } from "../../util/errors.js";
import type { Tensors } from "../session.js";
import { reasonOf } from "../shapes.js";
import type { TimingLimits } from "../time-once.js";
import { type BrowserRuntimeOptions, type OpenPage, openPage, ownError } from "./open-page.node.js";
import type { Answer, PageFacts, PageModel, PageType } from "./page-runtime.js";
import type { PageServer } from "./page-server.node.js";

export interface OutputPort {
  readonly name: string;
  readonly dtype: NumericDType;
  readonly shape: readonly number[];
}

/** A model in the page. */
export interface BrowserModel {
  /** Some values of its output, evenly spread, from a run before all timings. */
  readonly samples: Tensor;
  /** One run's time, in ms. */
  time(limits: TimingLimits): Promise<number>;
  release(): Promise<void>;
}

const SAMPLES = 64;

/** onnxruntime-web in a page of a browser that this process starts. `close` it when done: it is a process. */
export class BrowserRuntime {
  readonly facts: PageFacts;
  /** Name and version. */
  readonly browserName: string;
  readonly #page: Page;
  readonly #server: PageServer;
  readonly #signal: AbortSignal | undefined;
  readonly #end: () => Promise<void>;
  #loaded = 0;
  #isLost = false;

  private constructor(
    { page, server, end, browserName }: OpenPage,
    facts: PageFacts,
    signal: AbortSignal | undefined,
  ) {
    this.facts = facts;
    this.browserName = browserName;
    this.#page = page;
    this.#server = server;
    this.#signal = signal;
    this.#end = end;
    page.on("crash", () => {
      this.#isLost = true;
    });
  }

  /**
   * Starts a browser with the runtime in it.
   *
   * @throws UsageError as {@link openPage}, and when WebGPU is wanted and there is none.
   */
  static async open(options: BrowserRuntimeOptions): Promise<BrowserRuntime> {
    const { target, threads = null, signal } = options;
    const opened = await openPage(options);
    try {
      const provider = target === "ort-wasm" ? "wasm" : "webgpu";
      const answer = await opened.page.evaluate((start) => window.groupconv!.start(start), {
        provider,
        threads,
      } as const);
      const facts = unwrap(answer);
      if (provider === "webgpu" && facts.adapter === null)
        throw new UsageError(
          `target=${target}: ${opened.browserName} has no WebGPU adapter on this machine`,
          {
            help: "It needs a graphics card and its driver; The target ort-wasm runs on the processor.",
          },
        );
      return new BrowserRuntime(opened, facts, signal);
    } catch (error) {
      await opened.end();
      signal?.throwIfAborted();
      throw ownError(error);
    }
  }

  /** Whether it can load no more: the page crashed, or its memory is spoilt. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /**
   * Loads a model of one output and runs it once.
   * @throws RuntimeError when the runtime refuses it or the browser gives up, in their words.
   */
  async load(bytes: Uint8Array, feeds: Tensors, output: OutputPort): Promise<BrowserModel> {
    const id = this.#loaded++;
    const model: PageModel = {
      path: this.#server.offer(bytes),
      feeds: Object.entries(feeds).map(([name, { dtype, shape, bytes }]) => {
        return { name, dtype: dtype as PageType, shape, path: this.#server.offer(bytes) };
      }),
      output: { name: output.name, dtype: output.dtype as PageType, shape: output.shape },
    };
    const loading = this.#page.evaluate(
      ([id, model, samples]) => window.groupconv!.load(id, model, samples),
      [id, model, SAMPLES] as const,
    );
    const samples = await this.#answer(loading).finally(() => {
      this.#server.withdrawAll(); // a model may be refused before its data are fetched
    });
    const bits = toTyped(output.dtype, Uint8Array.from(samples));
    return {
      samples: new Tensor(output.dtype, [SAMPLES], bits),
      time: (limits) =>
        this.#answer(
          this.#page.evaluate(([id, limits]) => window.groupconv!.time(id, limits), [
            id,
            limits,
          ] as const),
        ),
      release: async () => {
        if (this.#isLost || this.#signal?.aborted) return; // gone with the page
        await this.#answer(this.#page.evaluate((id) => window.groupconv!.release(id), id));
      },
    };
  }

  async close(): Promise<void> {
    await this.#end();
  }

  async #answer<T>(asked: Promise<Answer<T>>): Promise<T> {
    let answer: Answer<T>;
    try {
      answer = await asked;
    } catch (cause) {
      this.#signal?.throwIfAborted();
      this.#isLost = true;
      throw ownError(cause);
    }
    if ("error" in answer && answer.isFatal) this.#isLost = true;
    return unwrap(answer);
  }
}

function unwrap<T>(answer: Answer<T>): T {
  if ("value" in answer) return answer.value;
  throw new RuntimeError(`ONNX Runtime Web: ${reasonOf(answer.error)}`);
}
