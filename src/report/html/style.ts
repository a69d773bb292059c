/** The look of the report. The policy of the page allows this text by its hash and no other style. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #f7f7f5; --card: #ffffff; --ink: #1c2127; --soft: #57606b; --line: #dfe1e4; --hover: #eef0f3;
  --link: #2b4fc7;
  --dense: #9aa4b1; --grouped: #4f52d9; --depthwise: #0f8f83; --channels: #e3e6ea;
  --error: #bf2330; --warning: #a85200; --info: #3f6485;
  --error-tint: #fbeaea; --warning-tint: #fbf0e2; --info-tint: #e9f0f6;
  --good: #1d7f4e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #101316; --card: #181c21; --ink: #e4e8ec; --soft: #9ba6b2; --line: #2b3138; --hover: #21272e;
    --link: #9db4ff;
    --dense: #66717e; --grouped: #8f90ff; --depthwise: #2fc4b4; --channels: #2a3037;
    --error: #ff8078; --warning: #f2b04a; --info: #92bbdd;
    --error-tint: #34191b; --warning-tint: #33260f; --info-tint: #17273a;
    --good: #5ccb92;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 40px clamp(16px, 4vw, 48px) 64px; max-width: 1280px;
  background: var(--page); color: var(--ink);
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", sans-serif;
  font-variant-numeric: tabular-nums;
}
a { color: var(--link); text-decoration-thickness: 1px; text-underline-offset: 3.5px; }
a:focus-visible, button:focus-visible, input:focus-visible, .scroll:focus-visible {
  outline: 2px solid var(--link); outline-offset: 2px; border-radius: 4px;
}
h1, h2, h3, p, dl, dd, ul, figure { margin: 0; }
h1 { font-size: clamp(24px, 4vw, 34px); line-height: 1.2; letter-spacing: -0.015em; overflow-wrap: anywhere; }
h2 { font-size: 20px; line-height: 1.3; letter-spacing: -0.01em; margin: 48px 0 4px; }
h3 { font-size: 16px; line-height: 1.35; }
code, .name { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; font-size: 0.9em; }
.name { overflow-wrap: anywhere; unicode-bidi: isolate; }
h1 .name { font: inherit; }
.soft, .lead { color: var(--soft); }
.lead { max-width: 76ch; margin-bottom: 16px; }
.eyebrow { color: var(--soft); font-size: 13px; margin-bottom: 6px; }

.verdict { display: flex; flex-wrap: wrap; gap: 8px; margin: 14px 0 20px; }
.badge {
  display: inline-flex; align-items: center; gap: 6px; padding: 1px 10px; border-radius: 999px;
  font-size: 13px; font-weight: 600; white-space: nowrap;
}
.badge.error { color: var(--error); background: var(--error-tint); }
.badge.warning { color: var(--warning); background: var(--warning-tint); }
.badge.info { color: var(--info); background: var(--info-tint); }
.badge.good { color: var(--good); background: var(--hover); }
.evidence {
  display: inline-block; padding: 0 8px; border: 1px solid var(--line); border-radius: 999px;
  color: var(--soft); font-size: 12px; white-space: nowrap; cursor: help;
}
.evidence.disputed, .evidence.heuristic { border-style: dashed; }

.facts { display: grid; grid-template-columns: max-content 1fr; gap: 3px 20px; max-width: 96ch; }
.facts dt { color: var(--soft); }
.facts dd { overflow-wrap: anywhere; min-width: 0; }

.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(230px, 1fr)); gap: 14px; margin-top: 28px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 16px 18px; min-width: 0; }
.card h2 { margin: 0 0 2px; font-size: 13px; font-weight: 500; letter-spacing: 0; color: var(--soft); }
.card .big { font-size: 28px; line-height: 1.2; font-weight: 650; letter-spacing: -0.02em; }
.card .big small { font-size: 15px; font-weight: 500; letter-spacing: 0; color: var(--soft); }
.shares { font-size: 12.5px; color: var(--soft); }
svg.share { display: block; width: 100%; height: 8px; margin: 12px 0 6px; }
svg .dense { fill: var(--dense); } svg .grouped { fill: var(--grouped); } svg .depthwise { fill: var(--depthwise); }

figure { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 16px 18px 12px; }
figcaption { color: var(--soft); font-size: 13px; margin-top: 8px; max-width: 110ch; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; font-size: 13px; color: var(--soft); padding: 0; list-style: none; margin-bottom: 6px; }
.legend svg { width: 11px; height: 11px; margin-right: 6px; vertical-align: -1px; }
.scroll { overflow-x: auto; }
svg.network { display: block; width: 100%; min-width: 860px; height: auto; font-size: 11px; fill: var(--soft); }
svg.network.wide { width: auto; max-width: none; }
svg.network a:focus { outline: none; }
.network .grid { stroke: var(--line); fill: none; }
.network .panel { font-size: 12px; fill: var(--ink); }
.network .tick { text-anchor: end; }
.network .value, .network .none, .network .role-name { text-anchor: middle; }
.network .value { fill: var(--ink); font-weight: 600; }
.network .channels { fill: var(--channels); }
.network .hover { fill: transparent; }
.network a:hover .hover { fill: var(--hover); }
.network .role { fill: none; stroke: var(--dense); }
svg .error, svg .excess { fill: var(--error); } svg .warning { fill: var(--warning); } svg .info { fill: var(--info); }
svg .mix-mixed { fill: var(--dense); }
svg .mix-separate { fill: var(--card); stroke: var(--error); stroke-width: 2; }
svg .mix-gain { fill: var(--card); stroke: var(--warning); stroke-width: 2; }
svg .mix-unknown { fill: var(--card); stroke: var(--dense); stroke-width: 1.5; stroke-dasharray: 2 2; }
svg .path-fast, svg .path-depthwise { fill: var(--dense); }
svg .path-slow { fill: var(--warning); } svg .path-unsupported { fill: var(--error); }

.finding { border-left: 4px solid var(--line); border-radius: 4px 12px 12px 4px; margin-top: 14px; padding: 14px 18px 16px; }
.finding.error { border-left-color: var(--error); }
.finding.warning { border-left-color: var(--warning); }
.finding.info { border-left-color: var(--info); }
.finding > header { display: flex; flex-wrap: wrap; align-items: center; gap: 6px 12px; }
.finding > header h3 { flex: 1 1 20ch; }
.finding > .soft { margin-top: 2px; max-width: 90ch; }
.finding ul { list-style: none; padding: 0; margin-top: 10px; }
.finding li { padding: 10px 0; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
.finding details ul { margin-top: 6px; }
.finding summary { cursor: pointer; color: var(--soft); padding: 4px 0; }
.where { display: flex; flex-wrap: wrap; gap: 2px 16px; align-items: baseline; }
.where .name { font-weight: 600; }
.advice::before { content: "\\2192\\00a0"; color: var(--soft); }
.advice { margin-top: 2px; }
.numbers { display: flex; flex-wrap: wrap; gap: 0 16px; font-size: 13px; color: var(--soft); }
.numbers div { display: flex; gap: 6px; }
.source { margin-top: 10px; font-size: 13px; color: var(--soft); overflow-wrap: anywhere; }
:target { background: var(--hover); scroll-margin-top: 24px; }
tr:target { outline: 2px solid var(--link); outline-offset: -2px; }

.table { background: var(--card); border: 1px solid var(--line); border-radius: 12px; overflow: auto; max-height: 80vh; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
caption { text-align: left; color: var(--soft); font-size: 13px; padding: 10px 14px 4px; }
th, td { padding: 7px 14px; text-align: left; vertical-align: top; border-top: 1px solid var(--line); }
thead th { position: sticky; top: 0; background: var(--card); border-top: 0; box-shadow: inset 0 -1px var(--line); white-space: nowrap; font-weight: 600; z-index: 1; }
tbody th { font-weight: 400; }
tbody tr:hover { background: var(--hover); }
.number { text-align: right; white-space: nowrap; }
.nowrap { white-space: nowrap; }
#layers { font-size: 13.5px; }
#layers thead th { white-space: normal; vertical-align: bottom; }
#layers th, #layers td { padding: 6px 10px; }
#layers th:first-child, #layers td:first-child { padding-left: 16px; color: var(--soft); }
#layers tbody th { min-width: 27ch; }
#layers td:last-child { min-width: 18ch; }
.mark { text-decoration: none; padding: 0 2px; }
.kind { white-space: nowrap; }
.kind::before { content: ""; display: inline-block; width: 9px; height: 9px; border-radius: 2px; margin-right: 7px; background: var(--dense); }
.kind.grouped::before { background: var(--grouped); }
.kind.depthwise::before { background: var(--depthwise); }
.bad { color: var(--error); } .poor { color: var(--warning); } .good { color: var(--good); }
th button { all: unset; cursor: pointer; }
th button:hover { text-decoration: underline; }
th[aria-sort="ascending"] button::after { content: "\\00a0\\2191"; }
th[aria-sort="descending"] button::after { content: "\\00a0\\2193"; }
.tools { display: flex; flex-wrap: wrap; gap: 8px 20px; align-items: center; margin-bottom: 10px; font-size: 14px; }
.tools[hidden] { display: none; }
.tools input[type="search"] { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 5px 10px; width: min(260px, 100%); }
.tools label { display: inline-flex; gap: 6px; align-items: center; }
.plain { padding-left: 1.2em; max-width: 96ch; }
.plain li { overflow-wrap: anywhere; }
footer { margin-top: 48px; padding-top: 16px; border-top: 1px solid var(--line); color: var(--soft); font-size: 13px; }
footer h2 { margin: 0 0 6px; font-size: 16px; color: var(--ink); }
footer h3 { margin: 18px 0 6px; font-size: 13px; color: var(--ink); }
@media (max-width: 620px) {
  body { padding-top: 24px; }
  .facts { grid-template-columns: 1fr; gap: 0; }
  .facts dt { margin-top: 8px; font-size: 13px; }
  .cards { grid-template-columns: 1fr 1fr; gap: 10px; }
  .card { padding: 12px 14px; }
  .card .big { font-size: 23px; }
  th, td { padding: 6px 10px; }
}
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
@media print {
  body { padding: 0; max-width: none; background: none; }
  .table { max-height: none; overflow: visible; }
  .tools { display: none; }
  .card, figure, .table { break-inside: avoid; }
}
`;

/** SHA-256 of {@link style}, in base64. */
export const styleHash = "YUJfJI72+m8IRLulMfoSDcWzpFMG454eakIxBc95yeY=";
