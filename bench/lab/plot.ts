import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import type { Experiment } from "./experiment.js";
import type { RunResult } from "./recipe.js";

/** Test accuracy of each arm: a dot a seed, a line at the mean. */
export function accuracyPlot({ title, arms }: Experiment, results: readonly RunResult[]): string {
  const { document } = parseHTML("<html><body></body></html>");
  const rows = results.map(({ arm, testAccuracy }) => ({ arm, accuracy: 100 * testAccuracy }));
  const figure = Plot.plot({
    document: document as unknown as Document,
    width: 640,
    height: 60 + 26 * arms.length,
    marginLeft: 200,
    style: { background: "white", color: "#222", fontFamily: "system-ui, sans-serif" },
    x: { label: "test accuracy, %", grid: true, nice: true },
    y: { label: null, domain: arms.map(({ name }) => name) },
    marks: [
      Plot.dot(rows, { x: "accuracy", y: "arm", fill: "#3b6fb6", fillOpacity: 0.6, r: 4 }),
      Plot.tickX(
        rows,
        Plot.groupY({ x: "mean" }, { x: "accuracy", y: "arm", stroke: "#c03c2b", strokeWidth: 2 }),
      ),
    ],
  });
  const name = document.createElementNS("http://www.w3.org/2000/svg", "title");
  name.textContent = `${title}: test accuracy of each arm`;
  figure.prepend(name as unknown as SVGTitleElement);
  figure.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return `${figure.outerHTML}\n`;
}
