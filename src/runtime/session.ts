import type { InferenceSession as Ort } from "onnxruntime-common"; // a declaration of "./ort.js" depends on the reader's build
import { Model } from "../graph/index.js";
import { encodeModel } from "../onnx/index.js";
import { type NumericDType, Tensor, toTyped } from "../tensor/index.js";
import { RuntimeError } from "../util/errors.js";
import { refuseFatal } from "./fatal.js";
import { env, InferenceSession, Tensor as OrtTensor } from "./ort.js";
import { reasonOf } from "./shapes.js";

export interface SessionOptions {
  /** Threads one operator may use. The runtime decides by default: one for each core. */
  readonly threads?: number;
  /** How far the runtime may rewrite the graph. Defaults to `all`. */
  readonly optimisation?: "disabled" | "basic" | "extended" | "all";
  /** Where the model runs, in order of preference, by the runtime's names. Defaults to `["cpu"]`. */
  readonly executionProviders?: readonly string[];
  /** More of the runtime's own options; see `InferenceSession.SessionOptions`. */
  readonly runtime?: Ort.SessionOptions;
}

/** What a session takes or gives: an axis is a name where the model leaves it open. */
export interface Port {
  readonly name: string;
  readonly dtype: NumericDType;
  readonly shape: readonly (number | string)[];
}

export type Tensors = Readonly<Record<string, Tensor>>;

/** onnxruntime-web 1.30 takes memory for an output, and leaves the result in WebAssembly's own. */
const writesIntoGiven = env.versions.web === undefined;

/**
 * A model that ONNX Runtime has loaded, in Node or in a browser. One `run` keeps its thread busy until it
 * ends. `release` it when done: its memory is not JavaScript's.
 */
export class Session {
  readonly #session: InferenceSession;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];

  private constructor(session: InferenceSession) {
    this.#session = session;
    this.inputs = portsOf(session.inputMetadata);
    this.outputs = portsOf(session.outputMetadata);
  }

  /**
   * @param source A model, or the bytes of one that keeps no weights in other files.
   * @throws RuntimeError when the runtime cannot load it, in its words.
   */
  static async create(source: Model | Uint8Array, options: SessionOptions = {}): Promise<Session> {
    if (source instanceof Model) refuseFatal(source);
    const bytes = source instanceof Model ? await encodeModel(source) : source;
    const { threads, optimisation = "all", executionProviders = ["cpu"], runtime } = options;
    try {
      const session = await InferenceSession.create(bytes, {
        executionProviders: [...executionProviders],
        graphOptimizationLevel: optimisation,
        logSeverityLevel: 4,
        ...(threads === undefined ? {} : { intraOpNumThreads: threads, interOpNumThreads: 1 }),
        ...runtime,
      });
      return new Session(session);
    } catch (cause) {
      throw new RuntimeError(`ONNX Runtime cannot load the model: ${reasonOf(cause)}`, { cause });
    }
  }

  /**
   * Runs the model.
   *
   * @param feeds Every input without a default, by name.
   * @param into Which outputs to compute, and where to: a tensor whose memory is written to, none of the
   *     feeds, or null for new memory. Defaults to all of them in new memory; strings are left out.
   * @throws RuntimeError when the runtime refuses or fails, in its words.
   */
  async run(feeds: Tensors, into?: Readonly<Record<string, Tensor | null>>): Promise<Tensors> {
    const given = toRuntime(feeds);
    try {
      if (!into) return fromRuntime(await this.#session.run(given));
      const memory = notNull(into);
      const results = await this.#session.run(given, {
        ...Object.fromEntries(Object.keys(into).map((name) => [name, null])),
        ...(writesIntoGiven ? toRuntime(memory) : {}),
      });
      const outputs = fromRuntime(results);
      if (!writesIntoGiven)
        for (const [name, { bytes }] of Object.entries(memory)) bytes.set(outputs[name].bytes);
      return { ...outputs, ...memory };
    } catch (cause) {
      throw new RuntimeError(`ONNX Runtime cannot run the model: ${reasonOf(cause)}`, { cause });
    }
  }

  /** Ends the runtime's profile and writes it, where the session was created with `enableProfiling`. */
  endProfiling(): void {
    this.#session.endProfiling();
  }

  async release(): Promise<void> {
    await this.#session.release();
  }
}

function portsOf(metadata: readonly InferenceSession.ValueMetadata[]): Port[] {
  return metadata.flatMap((value) =>
    value.isTensor && value.type !== "string"
      ? [{ name: value.name, dtype: value.type as NumericDType, shape: value.shape }]
      : [],
  );
}

function toRuntime(tensors: Tensors): Record<string, OrtTensor> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { dtype, data, shape }]) => [
      name,
      new OrtTensor(dtype as "float32", data as Float32Array, [...shape]),
    ]),
  );
}

function notNull(tensors: Readonly<Record<string, Tensor | null>>): Tensors {
  return Object.fromEntries(
    Object.entries(tensors).filter((entry) => entry[1] !== null),
  ) as Tensors;
}

function fromRuntime(results: InferenceSession.OnnxValueMapType): Tensors {
  return Object.fromEntries(
    Object.entries(results).flatMap(([name, { type, dims, data }]) => {
      if (type === "string" || Array.isArray(data)) return [];
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      // Where the engine has Float16Array the runtime uses it; a tensor of ours holds bit patterns.
      return [[name, new Tensor(type as NumericDType, dims, toTyped(type as NumericDType, bytes))]];
    }),
  );
}
