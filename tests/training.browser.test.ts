import { afterAll, beforeAll, expect, it } from "vitest";
import { type RunningModule, runInBrowser } from "./support/browser.js";
import { type Losses, trainBars } from "./support/train-bars.js";

/** Training by onnxruntime-web in a real browser: step by step the losses that Node has. */

let running: RunningModule;

beforeAll(async () => {
  running = await runInBrowser("tests/support/training-page.ts");
  await running.tab.waitForFunction("window.trainBars !== undefined");
});

afterAll(() => running?.close());

it.each(["plain", "warm-up"] as const)(
  "%s training has the losses it has in Node",
  async (kind) => {
    const inBrowser = (await running.tab.evaluate(`trainBars("${kind}")`)) as Losses;
    const inNode = await trainBars(kind);
    expect(inNode.steps.length).toBe(6);
    expect(inBrowser.steps.length).toBe(6);
    for (const list of ["steps", "validation"] as const)
      for (const [i, loss] of inNode[list].entries())
        expect(Math.abs(inBrowser[list][i] - loss), `${list} ${i}`).toBeLessThan(1e-4);
  },
);
