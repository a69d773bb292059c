import type { Model } from "../../graph/index.js";
import { encodeModel } from "../../onnx/index.js";
import { GraphBuilder, newModel } from "../../ops/index.js";
import { type BrowserModel, BrowserRuntime } from "../../runtime/browser/browser-runtime.node.js";
import { Session, type Tensors, type TimingLimits } from "../../runtime/index.js";
import { isFloat, type Tensor, toFloat64 } from "../../tensor/index.js";
import { RuntimeError } from "../../util/errors.js";
import { range } from "../../util/math.js";
import { spreadOf } from "../../util/statistics.js";
import { type BrowserBenchOptions, LIMITS, type OpenBench } from "./bench.js";
import { contextFeeds, contextModel, contextOutput } from "./context-model.js";

/** A graphics card is waited for once a timing: that has to be little beside the runs. */
const CARD_LIMITS: TimingLimits = { ...LIMITS, leastMs: 10 };
const CALLS_TIMED = 9;
/** Outputs are averages of noise, of size 1: sums in another order differ by far less. */
const TOLERANCE = 1e-2;
/** Codes may be rounded the other way. */
const CODE_TOLERANCE = 1;

/** Times contexts by onnxruntime-web in a browser. */
export async function openBrowserBench(options: BrowserBenchOptions): Promise<OpenBench> {
  let browser = await BrowserRuntime.open(options);
  const { facts, browserName } = browser;
  const limits = options.target === "ort-wasm" ? LIMITS : CARD_LIMITS;
  const load = async (model: Model, feeds: Tensors, { dtype, shape }: Tensor) =>
    browser.load(await encodeModel(model), feeds, { name: "y", dtype, shape });
  return {
    runtime: { runtime: facts.version, browser: browserName, adapter: facts.adapter },
    get isLost() {
      return browser.isLost;
    },
    close: () => browser.close(),

    async open(configuration, groups) {
      if (browser.isLost) {
        await browser.close();
        browser = await BrowserRuntime.open(options);
      }
      const context = contextModel(configuration, groups);
      const feeds = contextFeeds(configuration, groups);
      const model = await load(context, feeds, contextOutput(configuration));
      try {
        await compare(model, context, feeds);
      } catch (error) {
        await model.release();
        throw error;
      }
      return { time: () => model.time(limits), close: () => model.release() };
    },

    async fixedTime(configuration, groups) {
      if (options.target !== "ort-wasm") return null; // calls to a card overlap with its work
      const feeds = contextFeeds(configuration, groups);
      const output = contextOutput(configuration);
      const model = await load(callModel(feeds, output), feeds, output);
      try {
        const times: number[] = [];
        for (const _ of range(CALLS_TIMED)) times.push(await model.time(limits));
        return { ms: Math.min(...times), spread: spreadOf(times) }; // what is taken off every count must not be too much
      } finally {
        await model.release();
      }
    },
  };
}

/** Does nothing but take the layer's inputs in and give an output like the layer's back. */
function callModel(feeds: Tensors, output: Tensor): Model {
  const model = newModel("call");
  const b = new GraphBuilder(model.graph);
  for (const [name, { dtype, shape }] of Object.entries(feeds)) b.input(name, shape, dtype);
  b.output(b.constant(output), "y", { shape: output.shape, dtype: output.dtype });
  return model;
}

/** A time of what computes something else is the time of nothing. */
async function compare({ samples }: BrowserModel, context: Model, feeds: Tensors): Promise<void> {
  const session = await Session.create(context);
  const { y } = await session.run(feeds);
  await session.release();
  const [values, expected] = [numbersOf(samples), numbersOf(y)];
  const tolerance = isFloat(y.dtype) ? TOLERANCE : CODE_TOLERANCE;
  for (const [i, value] of values.entries()) {
    const right = expected[Math.floor((i * expected.length) / values.length)];
    if (Math.abs(value - right) <= tolerance) continue;
    throw new RuntimeError(
      `it computes ${value.toPrecision(3)} where the processor computes ${right.toPrecision(3)}`,
    );
  }
}

function numbersOf({ dtype, bytes }: Tensor): Float64Array {
  return toFloat64(dtype, bytes);
}
