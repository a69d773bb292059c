import asciichart from "asciichart";
import { range, sum } from "../../util/math.js";

const LABEL_WIDTH = 8;
/** Columns before the first loss: a label, a space, the axis. */
const OFFSET = LABEL_WIDTH + 2;

/** The losses of all steps so far as lines of text, as wide as given: each column is the mean of some steps. */
export function lossCurve(
  losses: readonly number[],
  { width, height }: { readonly width: number; readonly height: number },
): string {
  const columns = Math.min(losses.length, width - OFFSET);
  const means = range(columns).map((column) => {
    const from = Math.floor((column * losses.length) / columns);
    const to = Math.floor(((column + 1) * losses.length) / columns);
    return sum(losses.slice(from, to)) / (to - from);
  });
  const chart = asciichart.plot(means, {
    height: height - 1,
    offset: OFFSET,
    format: (value) => value.toPrecision(3).padStart(LABEL_WIDTH),
  });
  return chart.replace(/ +$/gm, "");
}
