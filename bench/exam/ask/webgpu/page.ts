import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import type * as Ort from "onnxruntime-common";
import { encodeModel } from "../../../../src/onnx/index.js";
import { type OpenPage, openPage } from "../../../../src/runtime/browser/open-page.node.js";
import type { Build } from "./builds.js";
import type { Patient } from "./layer.js";

declare global {
  interface Window {
    ort?: typeof Ort;
  }
}

export interface PageFacts {
  readonly browser: string;
  readonly version: string;
  /** Null where the provider is none of WebGPU's. */
  readonly adapter: string | null;
  readonly hasFloat16: boolean;
}

const TYPES: Readonly<Record<string, string>> = {
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};
const PREFIX = "/build/";

/** One build of onnxruntime-web in a page of a browser. `close` it when done. */
export class LayerPage {
  readonly facts: PageFacts;
  readonly #open: OpenPage;
  readonly #build: Build;

  private constructor(open: OpenPage, build: Build, facts: PageFacts) {
    this.#open = open;
    this.#build = build;
    this.facts = facts;
  }

  /** @param folder The package's `dist`. */
  static async open(build: Build, folder: string, browser: string): Promise<LayerPage> {
    const open = await openPage({ target: "ort-webgpu", browser });
    const { page, browserName } = open;
    try {
      await page.route(`**${PREFIX}*`, async (route) => {
        const name = new URL(route.request().url()).pathname.slice(PREFIX.length);
        const body = await readFile(join(folder, name));
        await route.fulfill({ body, contentType: TYPES[extname(name)] });
      });
      // as text, so that nothing between here and the page rewrites the import
      await page.evaluate(`import("${PREFIX}${build.entry}").then((m) => void (window.ort = m))`);
      const facts = await page.evaluate(async (isWebgpu) => {
        const { env } = window.ort!;
        env.wasm.numThreads = 1;
        const adapter = isWebgpu ? await navigator.gpu.requestAdapter() : null;
        const words = adapter && [adapter.info.vendor, adapter.info.architecture];
        return {
          version: env.versions.web ?? "",
          adapter: words?.join(" ") ?? null,
          hasFloat16: adapter?.features.has("shader-f16") ?? false,
        };
      }, build.provider === "webgpu");
      return new LayerPage(open, build, { browser: browserName, ...facts });
    } catch (error) {
      await open.end();
      throw error;
    }
  }

  /** Bytes of the layer's output in the page. @throws Error when the runtime refuses it. */
  async run({ model, feeds }: Patient): Promise<Uint8Array> {
    const { page, server } = this.#open;
    const { provider, layout } = this.#build;
    const asked = {
      provider: layout ? { name: provider, preferredLayout: layout } : provider,
      model: server.offer(await encodeModel(model)),
      feeds: Object.entries(feeds).map(([name, { dtype, shape, bytes }]) => {
        return { name, dtype: dtype as "float32" | "float16", shape, path: server.offer(bytes) };
      }),
    };
    const bytes = await page.evaluate(async ({ provider, model, feeds }) => {
      const read = async (path: string) => (await fetch(path)).arrayBuffer();
      const { InferenceSession, Tensor } = window.ort!;
      const session = await InferenceSession.create(new Uint8Array(await read(model)), {
        executionProviders: [provider as "webgpu"],
        logSeverityLevel: 4,
        // what the provider does not take is refused, not run beside it
        extra: provider === "wasm" ? {} : { session: { disable_cpu_ep_fallback: "1" } },
      });
      try {
        const given: Record<string, Ort.Tensor> = {};
        for (const { name, dtype, shape, path } of feeds) {
          const bits = await read(path);
          const data = dtype === "float32" ? new Float32Array(bits) : new Uint16Array(bits);
          given[name] = new Tensor(dtype as "float32", data as Float32Array, shape);
        }
        const { data } = (await session.run(given)).y;
        const { buffer, byteOffset, byteLength } = data as Float32Array;
        return [...new Uint8Array(buffer, byteOffset, byteLength)];
      } finally {
        await session.release();
      }
    }, asked);
    return Uint8Array.from(bytes);
  }

  async close(): Promise<void> {
    await this.#open.end();
  }
}
