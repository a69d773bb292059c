import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { Html } from "../../html/escape.js";

/**
 * A chart as inline SVG. Text in it is escaped where it is written out; the style that Plot brings along is
 * taken away, as the page's policy would refuse it, and stands in the page's own.
 *
 * @param label What it shows, for those who cannot see it.
 */
export function figure(options: Plot.PlotOptions, label: string): Html {
  const { document } = parseHTML("<html><body></body></html>");
  const chart = Plot.plot({
    ...options,
    className: "chart",
    document: document as unknown as Document,
  });
  for (const style of chart.querySelectorAll("style")) style.remove();
  chart.setAttribute("role", "img");
  chart.setAttribute("aria-label", label);
  return new Html(chart.outerHTML);
}
