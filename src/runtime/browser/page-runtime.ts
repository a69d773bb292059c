import type * as Ort from "onnxruntime-common";
import type { TimingLimits, timeOnce } from "../time-once.js";

export type PageType = "float32" | "float16" | "uint8" | "int8" | "int32";

/** A tensor whose bytes the page fetches from a path. */
export interface PageTensor {
  readonly name: string;
  readonly dtype: PageType;
  readonly shape: readonly number[];
  readonly path: string;
}

/** A model of one output. */
export interface PageModel {
  /** Where the page fetches its bytes. */
  readonly path: string;
  readonly feeds: readonly PageTensor[];
  readonly output: Omit<PageTensor, "path">;
}

export interface PageStart {
  readonly provider: "wasm" | "webgpu";
  readonly threads: number | null;
}

export interface PageFacts {
  /** Of onnxruntime-web. */
  readonly version: string;
  /** What WebGPU runs on, in the browser's words; null when there is none, or none was asked for. */
  readonly adapter: string | null;
}

/** Errors lose their class on the way from a page: here they are answers. */
export type Answer<T> = { readonly value: T } | Failure;

export interface Failure {
  readonly error: string;
  /** Whether the page is good for nothing more. */
  readonly isFatal: boolean;
}

export type PageRuntime = ReturnType<typeof pageRuntime>;

/**
 * The half of a runtime in a browser that runs in the page: loads models, times them, lets them go. It is given
 * to the page as text, so it uses nothing from outside.
 */
export function pageRuntime(ort: typeof Ort, time: typeof timeOnce) {
  interface Loaded {
    readonly run: () => Promise<unknown>;
    /** Waits for what the runs only handed in. */
    readonly finish?: () => Promise<unknown>;
    release(): Promise<void>;
  }
  const arrays = {
    float32: Float32Array,
    float16: Uint16Array, // bit patterns
    uint8: Uint8Array,
    int8: Int8Array,
    int32: Int32Array,
  } as const;
  const loaded = new Map<number, Loaded>();
  let provider: PageStart["provider"] = "wasm";
  let fault: string | null = null; // a graphics card tells nobody who waits for it

  async function answer<T>(work: () => Promise<T>): Promise<Answer<T>> {
    try {
      const value = await work();
      return fault === null ? { value } : { error: fault, isFatal: true };
    } catch (error) {
      return {
        error: error instanceof Error ? error.message : String(error),
        isFatal: error instanceof WebAssembly.RuntimeError || fault !== null,
      };
    }
  }

  async function bytesOf(path: string): Promise<ArrayBuffer> {
    const response = await fetch(path);
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return response.arrayBuffer();
  }

  function bytesIn({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
    return new Uint8Array(buffer, byteOffset, byteLength);
  }

  /** What goes in and comes out stays on the card, as it does between two layers. */
  async function keepOnCard(
    session: Ort.InferenceSession,
    feeds: Readonly<Record<string, Ort.Tensor>>,
    { name: outputName, dtype: outputType, shape }: PageModel["output"],
  ): Promise<Loaded> {
    const device: GPUDevice = await ort.env.webgpu.device;
    device.onuncapturederror = ({ error }) => {
      fault = error.message;
    };
    const buffers: GPUBuffer[] = [];
    const tensorOf = (dataType: PageType, dims: readonly number[], data?: Uint8Array) => {
      const bytes = arrays[dataType].BYTES_PER_ELEMENT * dims.reduce((a, b) => a * b, 1);
      const size = 16 * Math.ceil(bytes / 16); // as shaders read it, four values at once
      const buffer = device.createBuffer({ size, usage: 0x80 | 0x4 | 0x8 }); // STORAGE, COPY_SRC, COPY_DST
      const padded = new Uint8Array(size);
      if (data) padded.set(data);
      device.queue.writeBuffer(buffer, 0, padded);
      buffers.push(buffer);
      // the runtime's table of types for buffers lacks some that its tensors have; those it refuses
      return ort.Tensor.fromGpuBuffer(buffer, { dataType: dataType as "float32", dims });
    };
    const from = Object.fromEntries(
      Object.entries(feeds).map(([name, { type, dims, data }]) => {
        return [name, tensorOf(type as PageType, dims, bytesIn(data as Float32Array))];
      }),
    );
    const into = { [outputName]: tensorOf(outputType, shape) };
    return {
      run: () => session.run(from, into),
      finish: () => device.queue.onSubmittedWorkDone(),
      async release() {
        await session.release();
        for (const buffer of buffers) buffer.destroy();
      },
    };
  }

  return {
    start: (options: PageStart) =>
      answer(async (): Promise<PageFacts> => {
        if (!crossOriginIsolated) throw new Error("the page is not isolated, and has no threads");
        provider = options.provider;
        if (options.threads !== null) ort.env.wasm.numThreads = options.threads;
        const version = ort.env.versions.web ?? "";
        const adapter = provider === "webgpu" ? await navigator.gpu?.requestAdapter() : null;
        if (!adapter) return { version, adapter: null };
        const { vendor, architecture, description } = adapter.info;
        const words = [vendor, architecture, description].filter((word) => word !== "");
        return { version, adapter: words.join(" ") || "unnamed" };
      }),

    /** Loads a model, runs it once, and gives the bytes of `samples` values of its output, evenly spread. */
    load: (id: number, { path, feeds, output }: PageModel, samples: number) =>
      answer(async () => {
        const session = await ort.InferenceSession.create(new Uint8Array(await bytesOf(path)), {
          executionProviders: [provider],
          logSeverityLevel: 4,
        });
        const given: Record<string, Ort.Tensor> = {};
        for (const { name, dtype, shape, path } of feeds) {
          const data = new arrays[dtype](await bytesOf(path));
          given[name] = new ort.Tensor(dtype as "float32", data as Float32Array, shape);
        }
        const values = (await session.run(given))[output.name].data as Float32Array;
        const one =
          provider === "webgpu"
            ? await keepOnCard(session, given, output)
            : { run: () => session.run(given), release: () => session.release() };
        loaded.set(id, one);
        await one.run();
        const width = arrays[output.dtype].BYTES_PER_ELEMENT;
        const bytes = bytesIn(values);
        return Array.from({ length: samples }, (_, i) => {
          const at = width * Math.floor((i * values.length) / samples);
          return [...bytes.subarray(at, at + width)];
        }).flat();
      }),

    time: (id: number, limits: TimingLimits) =>
      answer(() => {
        const { run, finish } = loaded.get(id)!;
        return time(run, { now: () => performance.now(), limits, finish });
      }),

    release: (id: number) =>
      answer(async () => {
        await loaded.get(id)?.release();
        loaded.delete(id);
        return null;
      }),
  };
}
