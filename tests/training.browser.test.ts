import type { Server } from "node:http";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { launchBrowser, serve } from "./support/browser.js";
import { type Losses, trainBars } from "./support/train-bars.js";

/** Training by onnxruntime-web in a real browser: step by step the losses that Node has. */

const root = fileURLToPath(new URL("..", import.meta.url));
const page = `<!doctype html><meta charset="utf-8"><title>training</title>
<script type="module" src="/training.js"></script>`;

let browser: Browser;
let server: Server;
let tab: Page;

beforeAll(async () => {
  const bundle = await build({
    entryPoints: [`${root}tests/support/training-page.ts`],
    bundle: true,
    format: "esm",
    platform: "browser",
    write: false,
  });
  const { url, server: started } = await serve((path) => {
    if (path === "/") return { text: page };
    if (path === "/training.js") return { text: bundle.outputFiles[0].text };
    // The runtime looks for its WebAssembly beside the script that it was bundled into.
    const wasm = /^\/(ort-wasm[\w.-]+\.wasm)$/.exec(path);
    return wasm ? { file: `${root}node_modules/onnxruntime-web/dist/${wasm[1]}` } : undefined;
  });
  server = started;
  browser = await launchBrowser();
  tab = await browser.newPage();
  await tab.goto(url);
  await tab.waitForFunction("window.trainBars !== undefined");
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

it.each(["plain", "warm-up"] as const)(
  "%s training has the losses it has in Node",
  async (kind) => {
    const inBrowser = (await tab.evaluate(`trainBars("${kind}")`)) as Losses;
    const inNode = await trainBars(kind);
    expect(inNode.steps.length).toBe(6);
    expect(inBrowser.steps.length).toBe(6);
    for (const list of ["steps", "validation"] as const)
      for (const [i, loss] of inNode[list].entries())
        expect(Math.abs(inBrowser[list][i] - loss), `${list} ${i}`).toBeLessThan(1e-4);
  },
);
