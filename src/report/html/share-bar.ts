import { KINDS, type Kind } from "../digest.js";
import { percent } from "../format.js";
import { type Html, html } from "./escape.js";

const WIDTH = 240;
const HEIGHT = 8;
const GAP = 2;

/** One bar cut by the share of each kind of convolution; nothing when there is no whole. */
export function shareBar(amounts: Readonly<Record<Kind, number>>, prefix = ""): Html | null {
  const present = KINDS.filter((kind) => amounts[kind] > 0);
  const whole = present.reduce((total, kind) => total + amounts[kind], 0);
  if (whole === 0) return null;

  const room = WIDTH - GAP * (present.length - 1);
  const shares = present.map((kind) => `${kind} ${percent(amounts[kind], whole)}`);
  const text = prefix + shares.join(", ");
  let x = 0;
  const parts = present.map((kind) => {
    const width = Math.round((room * amounts[kind] * 100) / whole) / 100;
    const part = html`<rect class="${kind}" x="${Math.round(x * 100) / 100}" y="0" width="${width}" height="${HEIGHT}" rx="1.5"/>`;
    x += width + GAP;
    return part;
  });
  return html`<svg class="share" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${text}"><title>${text}</title>${parts}</svg>
<p class="shares">${prefix}${shares.map((share, i) => html`${i > 0 && ", "}<span class="nowrap">${share}</span>`)}</p>`;
}
