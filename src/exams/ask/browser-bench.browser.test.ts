import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { installedVersion } from "../../../bench/support/machine.js";
import { packagedBrowser } from "../../../tests/support/browser.js";
import { temporaryFolder } from "../../../tests/support/temporary-folder.js";
import { survey } from "../../analysis/index.js";
import { parseModel } from "../../graph/index.js";
import { findTarget, validGroups } from "../../groups/index.js";
import { UsageError } from "../../util/errors.js";
import { nodeTools, sweepGroups } from "./ask.node.js";
import { sweepSurveyed } from "./sweep-surveyed.js";

/** Sweeps by onnxruntime-web in a real browser. */

const at = temporaryFolder();

const model = parseModel(`<ir_version: 8, opset_import: ["" : 17]>
net (float[1, 4, 8, 8] x) => (y) <float[4, 2, 3, 3] w, float[4] bias> {
  [conv] a = Conv<pads = [1, 1, 1, 1], group = 2>(x, w, bias)
  [act] y = Relu(a)
}`);

let browser: string;

beforeAll(async () => {
  ({ path: browser } = await packagedBrowser());
});

/** The browser behind a script that leaves the number of its process, with more arguments. */
function behindScript(...args: string[]): string {
  const script = at("browser");
  writeFileSync(
    script,
    `#!/bin/sh\necho $$ > ${at("pid")}\nexec ${browser} "$@" ${args.join(" ")}\n`,
  );
  chmodSync(script, 0o755);
  return script;
}

/** Whether the last browser behind a script is still there. */
function isRunning(): boolean {
  try {
    process.kill(Number(readFileSync(at("pid"), "utf8")), 0);
    return true;
  } catch {
    return false;
  }
}

describe("a sweep on ort-wasm", () => {
  it("times every count, keeps the times by browser, and ends the browser", async () => {
    const cache = at("sweeps.jsonl");
    const options = { target: "ort-wasm", threads: 1, cache } as const;
    const swept = await sweepGroups(model, {
      ...options,
      browser: behindScript(),
      budgetMs: 10_000,
    });
    expect(isRunning()).toBe(false);
    expect(swept.unswept).toEqual([]);
    const [{ configuration, counts, rounds, fromCache }] = swept.configurations;
    expect(configuration).toMatchObject({ before: "plain", after: "plain", activation: "Relu" });
    expect(counts.map(({ groups, path }) => [groups, path])).toEqual([
      [1, "unknown"],
      [2, "unknown"],
      [4, "unknown"],
    ]);
    expect(rounds).toBeGreaterThanOrEqual(3);
    expect(fromCache).toBe(false);
    for (const { ms } of counts) expect(ms.median).toBeGreaterThan(0);
    expect(swept.layers).toMatchObject([{ name: "conv", groups: 2, path: "unknown" }]);

    const [line] = readFileSync(cache, "utf8").split("\n");
    expect(JSON.parse(line).machine).toMatch(
      / \| 1 threads \| ONNX Runtime [\d.]+ ort-wasm \| Chromium [\d.]+ \| wall clock$/,
    );
    const again = await sweepGroups(model, { ...options, browser, budgetMs: 1 });
    expect(again.configurations.map((one) => one.fromCache)).toEqual([true]);
    const inNode = await sweepGroups(model, { ...options, target: "ort-cpu", budgetMs: 1 });
    expect(inNode.configurations).toEqual([]); // other times
  });

  it.each([
    // Asked for before the dense layer is opened, and before two groups are.
    ["over the dense layer", 0, ["first"]],
    ["over a count, which is opened again", 1, []],
  ])("goes on in another browser where one ends by itself %s", async (_, end, untimed) => {
    const two = parseModel(`<ir_version: 8, opset_import: ["" : 17]>
    net (float[1, 4, 8, 8] x) => (y) <float[4, 2, 3, 3] w, float[2, 4, 1, 1] v> {
      [first] a = Conv<pads = [1, 1, 1, 1], group = 2>(x, w)
      [second] y = Conv(a, v)
    }`);
    let asked = 0;
    const { layers, unswept } = await sweepGroups(two, {
      target: "ort-wasm",
      browser: behindScript(),
      cache: false,
      budgetMs: 10_000,
      onProgress: () => {
        if (asked++ === end) process.kill(Number(readFileSync(at("pid"), "utf8")), "SIGKILL");
      },
    });
    const gaveUp = expect.stringMatching(/^the browser gave up: /);
    expect(unswept).toEqual(untimed.map((layer) => ({ layer, reason: gaveUp })));
    const names = ["first", "second"].filter((name) => !untimed.includes(name));
    expect(layers.map(({ name }) => name)).toEqual(names);
    expect(isRunning()).toBe(false);
  });

  it("is given up in the middle, and leaves no browser behind", async () => {
    const abort = new AbortController();
    const given = sweepGroups(model, {
      target: "ort-wasm",
      browser: behindScript(),
      cache: false,
      signal: abort.signal,
      onProgress: () => {
        expect(isRunning()).toBe(true);
        abort.abort(new Error("enough"));
      },
    });
    await expect(given).rejects.toThrow("enough");
    expect(isRunning()).toBe(false);
  });
});

describe("a sweep on ort-webgpu", () => {
  const surveyed = () => survey(model);
  const options = () => ({ ...nodeTools({ cache: false }), target: "ort-webgpu" as const });

  it("times on the adapter that the browser has, and names it", async () => {
    const { machine, sweep } = await sweepSurveyed(await surveyed(), {
      ...options(),
      browser: behindScript("--use-webgpu-adapter=swiftshader"),
      budgetMs: 12_000,
    });
    expect(isRunning()).toBe(false);
    expect(machine).toMatchObject({ target: "ort-webgpu", adapter: "google swiftshader" });
    expect(machine.runtime).toBe(installedVersion("onnxruntime-web"));
    expect(machine.browser).toMatch(/^Chromium \d/);
    const [{ counts, rounds, fixedMs }] = sweep.configurations;
    expect(counts.map(({ groups }) => groups)).toEqual([1, 2, 4]);
    expect(rounds).toBeGreaterThan(0);
    expect(fixedMs).toBeNull();
  });

  it("refuses the counts that come out wrong, which are those the target is known for", async () => {
    const channels = 60;
    const wrong = parseModel(`<ir_version: 8, opset_import: ["" : 17]>
    net (float[1, ${channels}, 3, 3] x) => (y) <float[${channels}, ${channels}, 1, 1] w> {
      [conv] y = Conv(x, w)
    }`);
    const { sweep } = await sweepSurveyed(await survey(wrong), {
      ...options(),
      browser: behindScript("--use-webgpu-adapter=swiftshader"),
      budgetMs: 20_000,
    });
    const [{ counts, refused }] = sweep.configurations;
    const { miscomputation } = findTarget("ort-webgpu");
    const isKnown = (groups: number) =>
      miscomputation?.reasonFor({
        inChannels: channels,
        outChannels: channels,
        groups,
        kernel: [1, 1],
      }) !== null;
    const known = validGroups(channels, channels).filter(isKnown);
    expect(known.length).toBeGreaterThan(0);
    expect(refused.map(({ groups }) => groups)).toEqual(known);
    for (const { reason } of refused) expect(reason).toMatch(/^it computes .* where the processor/);
    expect(counts.map(({ groups }) => groups)).toEqual(
      validGroups(channels, channels).filter((groups) => !isKnown(groups)),
    );
  });

  it("says so where there is no adapter", async () => {
    const swept = sweepSurveyed(await surveyed(), {
      ...options(),
      browser: behindScript("--disable-gpu", "--disable-software-rasterizer"),
    });
    await expect(swept).rejects.toThrow(UsageError);
    await expect(swept).rejects.toThrow(
      /^target=ort-webgpu: Chromium [\d.]+ has no WebGPU adapter on this machine$/,
    );
    expect(isRunning()).toBe(false);
  });
});

describe("a sweep in a browser is refused, with the way out,", () => {
  afterEach(() => vi.doUnmock("playwright-core"));

  const sweep = (options: { browser?: string; clock?: "processor"; threads?: number } = {}) =>
    sweepGroups(model, { target: "ort-wasm", cache: false, budgetMs: 1000, ...options });

  it("where there is no such program", async () => {
    await expect(sweep({ browser: at("none") })).rejects.toThrow(
      /^browser=.*none is no program that can be run$/,
    );
  });

  it("where the program is no browser", async () => {
    const script = at("browser");
    writeFileSync(script, "#!/bin/sh\necho 'no display' >&2\nexit 3\n");
    chmodSync(script, 0o755);
    await expect(sweep({ browser: script })).rejects.toThrow(
      /^the browser ".*browser" cannot be started: .*no display/,
    );
  });

  it("without playwright", async () => {
    vi.doMock("playwright-core", () => {
      throw new Error("Cannot find package");
    });
    await expect(sweep({ browser })).rejects.toThrow(
      expect.objectContaining({
        message: "timing in a browser needs the package playwright-core, which is not installed",
        help: "npm install playwright-core",
      }),
    );
  });

  it("by a clock that knows this process alone", async () => {
    expect(existsSync(browser)).toBe(true);
    await expect(sweep({ browser, clock: "processor", threads: 1 })).rejects.toThrow(
      "sweep: clock=processor counts the work of this process; target=ort-wasm runs in a browser's",
    );
  });
});
