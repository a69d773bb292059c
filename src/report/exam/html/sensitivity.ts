import { type Html, html } from "../../html/escape.js";
import { nameOf } from "../../html/parts.js";
import {
  agreementText,
  errorText,
  errorWithQuartiles,
  type Pulse,
  type PulseLayer,
  type Trial,
  worstError,
} from "../pulse-columns.js";

const WAYS: readonly (readonly [way: Trial["way"], words: string])[] = [
  ["cut", "Cut"],
  ["reordered", "Cut after the channels changed places"],
  ["fitted", "Cut, with a 1x1 convolution fitted to what was dropped"],
  ["ungroup", "Ungrouped, which computes the same: rounding"],
];
/** Where one shade ends and the next begins, by relative error. */
const SHADES = [1e-5, 0.01, 0.05, 0.2, 0.5];
/** Rows of a matrix; the table has every trial. */
const LAYERS = 40;

/** Layers by group counts, a matrix for each way of changing them, shaded by what became of the outputs. */
export function sensitivityMatrices({ layers }: Pulse): Html[] {
  return WAYS.flatMap(([way, words]) => {
    const tried = layers.filter(({ trials }) => trials.some((trial) => trial.way === way));
    if (tried.length === 0) return [];
    const shown = tried.slice(0, LAYERS);
    const left = tried.length - shown.length;
    return [
      html`<figure class="sense"><figcaption>${words}${left > 0 && `, the first ${shown.length} of ${tried.length} layers`}</figcaption>
${matrix(shown, way)}</figure>
`,
    ];
  });
}

function matrix(layers: readonly PulseLayer[], way: Trial["way"]): Html {
  const trialsOf = ({ trials }: PulseLayer) => trials.filter((trial) => trial.way === way);
  const counts = [
    ...new Set(layers.flatMap((layer) => trialsOf(layer).map(({ groups }) => groups))),
  ].sort((a, b) => a - b);
  return html`<div class="table" tabindex="0" role="region"><table>
<thead><tr><th scope="col">layer</th><th scope="col" class="number">G now</th>${counts.map((groups) => html`<th scope="col" class="number">G = ${groups}</th>`)}</tr></thead>
<tbody>
${layers.map(
  (
    layer,
  ) => html`<tr><th scope="row">${nameOf(layer.name)}</th><td class="number">${layer.groups}</td>${counts.map(
    (groups) => cell(trialsOf(layer).find((trial) => trial.groups === groups)),
  )}</tr>
`,
)}</tbody>
</table></div>`;
}

function cell(trial: Trial | undefined): Html {
  if (!trial) return html`<td></td>`;
  const error = worstError(trial);
  const agreement = agreementText(trial);
  const shade = SHADES.filter((limit) => (error ?? 0) >= limit).length;
  const top1 = agreement === null ? "" : `, top-1 the same for ${agreement}`;
  const { ratio } = trial.latency;
  const time = ratio
    ? `x${ratio.median.toFixed(2)} (${ratio.low.toFixed(2)} to ${ratio.high.toFixed(2)})`
    : "too short to tell";
  const words = `time ${time}, error ${errorWithQuartiles(trial)}${top1}`;
  return html`<td class="number sense-${shade}" title="${words}">${errorText(error)}</td>`;
}
