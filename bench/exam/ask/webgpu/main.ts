/**
 * What onnxruntime-web computes of convolutions with groups, beside the processor: `npm run bench:ask:webgpu`.
 * Writes RESULTS.md beside this file.
 */

import { writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { withTemporaryFolder } from "../../../../src/runtime/temporary-folder.node.js";
import { BUILDS } from "./builds.js";
import { examine, type Result } from "./examine.js";
import { FAMILIES } from "./grid.js";
import { type Layer, type Patient, patientOf } from "./layer.js";
import { LayerPage } from "./page.js";
import { type Examined, report } from "./report.js";
import { softwareBrowser } from "./software-browser.js";

const { values } = parseArgs({
  options: {
    /** The program of a browser with WebGPU. */
    browser: { type: "string" },
    /** The `dist` of another version of onnxruntime-web; prints, and writes nothing. */
    dist: { type: "string" },
    /** Builds by their module, as `ort.webgpu`; prints, and writes nothing. */
    only: { type: "string" },
  },
});
const installed = dirname(
  fileURLToPath(import.meta.resolve("onnxruntime-web/ort-wasm-simd-threaded.wasm")),
);
const { dist = installed, only } = values;
const builds = BUILDS.filter(({ entry }) => !only || entry === `${only}.min.mjs`);
if (builds.length === 0) throw new Error(`no build ${only}`);

const patients = new Map<Layer, Patient>();
for (const layer of FAMILIES.flatMap((family) => family.layers))
  patients.set(layer, await patientOf(layer));

const text = await withTemporaryFolder("the benchmark", async (folder) => {
  const browser = values.browser ?? (await softwareBrowser(folder));
  const examined: Examined[] = [];
  for (const build of builds) {
    const start = performance.now();
    const page = await LayerPage.open(build, dist, browser);
    const results = new Map<Layer, Result>();
    for (const [layer, patient] of patients) {
      // without float16 on the card the question is not asked
      const isAsked =
        layer.dtype === "float32" || build.provider === "wasm" || page.facts.hasFloat16;
      if (isAsked) results.set(layer, await examine(page, patient));
    }
    await page.close();
    const seconds = (performance.now() - start) / 1000;
    process.stderr.write(`${build.title} (${build.entry}): ${seconds.toFixed(0)} s\n`);
    examined.push({ build, facts: page.facts, results });
  }
  return report(examined);
});
if (dist === installed && !only) await writeFile(new URL("RESULTS.md", import.meta.url), text);
process.stdout.write(text);
