import { type Html, html } from "../../html/escape.js";
import type { ListenLayer } from "../listen-columns.js";

/** Beside the largest, a group is as high as this. */
const HEIGHT = 40;
const WIDTH = 200;
/** Narrower bars cannot be told apart. */
const MOST_GROUPS = 100;

/** Has a layer groups whose shares can be drawn? */
export function hasBars({ groups, perGroup }: ListenLayer): boolean {
  return groups > 1 && groups <= MOST_GROUPS && perGroup.outputShare !== null;
}

/** The share of the gradient that each group has, a bar a group; the line is an equal share. */
export function groupBars({ name, groups, perGroup, deadGroups }: ListenLayer): Html {
  const { outputShare, outputShareLeast: low, outputShareMost: high } = perGroup;
  const shares = outputShare ?? [];
  const most = Math.max(...shares, 1 / groups);
  const width = WIDTH / groups;
  const equal = HEIGHT * (1 - 1 / groups / most);
  const label = `Share of the gradient that each of ${groups} groups of ${name} has`;
  return html`<svg class="bars" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">
${shares.map((share, group) => {
  const height = (HEIGHT * share) / most;
  const percents = [share, ...(low && high ? [low[group], high[group]] : [])].map((part) =>
    (100 * part).toFixed(1),
  );
  const range = percents.length > 1 ? `, ${percents[1]} to ${percents[2]} % in single samples` : "";
  const tone = deadGroups.includes(group) ? "hot" : "cold";
  return html`<rect class="${tone} shade-3" x="${(group * width).toFixed(2)}" y="${(HEIGHT - height).toFixed(2)}" width="${(0.9 * width).toFixed(2)}" height="${height.toFixed(2)}"><title>group ${group}: ${percents[0]} %${range}</title></rect>`;
})}
<path class="border" d="M0 ${equal.toFixed(2)}H${WIDTH}"/>
<rect class="frame" width="${WIDTH}" height="${HEIGHT}"/>
</svg>`;
}
