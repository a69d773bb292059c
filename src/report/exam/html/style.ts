/** What exams' pages have beside the style of all reports; allowed by its hash. */
export const examStyle = `
:root { --hot: #c8371f; --cold: #2463b8; }
@media (prefers-color-scheme: dark) { :root { --hot: #ff7a5c; --cold: #6aa8ff; } }
.maps, .sweeps { display: grid; gap: 14px; margin-top: 14px; }
.maps { grid-template-columns: repeat(auto-fill, minmax(210px, 1fr)); }
.sweeps { grid-template-columns: repeat(auto-fill, minmax(290px, 1fr)); }
.maps figure, .sweeps figure { padding: 12px 14px; min-width: 0; }
.maps .name, .sweeps .name { font-weight: 600; }
.maps p, .sweeps p { font-size: 13px; }
svg.heat { display: block; width: 100%; margin-top: 8px; }
svg .hot { fill: var(--hot); } svg .cold { fill: var(--cold); }
svg .shade-1 { fill-opacity: 0.15; } svg .shade-2 { fill-opacity: 0.35; }
svg .shade-3 { fill-opacity: 0.65; } svg .shade-4 { fill-opacity: 1; }
svg .border { fill: none; stroke: var(--ink); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
svg .frame { fill: none; stroke: var(--line); stroke-width: 1; vector-effect: non-scaling-stroke; }
svg.chart { display: block; max-width: 100%; height: auto; font-size: 11px; overflow: visible; color: var(--ink); }
svg.chart text, svg.chart tspan { white-space: pre; }
svg .node { fill: var(--grouped); fill-opacity: 0.55; stroke: var(--grouped); }
svg .clock { stroke: var(--grouped); } svg .clock-dot { fill: var(--grouped); stroke: var(--card); }
.maps + .lead, .sweeps + .lead { margin-top: 14px; } section > h3 { margin-top: 28px; }
section > figure { margin: 14px 0; overflow-x: auto; } section > figure > svg.chart { min-width: 640px; }
tbody th .name { display: inline-block; min-width: 10ch; }
.banner { background: var(--warning-tint); color: var(--warning); border-radius: 12px; padding: 12px 18px; margin-top: 20px; font-weight: 600; }
svg.bars { display: block; width: 100%; margin-top: 8px; }
figure.sense { margin: 14px 0; overflow-x: auto; } figure.sense figcaption { font-weight: 600; margin-bottom: 8px; }
td.sense-1 { background: color-mix(in srgb, var(--hot) 8%, transparent); }
td.sense-2 { background: color-mix(in srgb, var(--hot) 20%, transparent); }
td.sense-3 { background: color-mix(in srgb, var(--hot) 38%, transparent); }
td.sense-4 { background: color-mix(in srgb, var(--hot) 58%, transparent); }
td.sense-5 { background: color-mix(in srgb, var(--hot) 80%, transparent); }
details.more { margin-top: 12px; } details.more > summary { cursor: pointer; color: var(--soft); padding: 4px 0; }
`;

/** SHA-256 of {@link examStyle}, in base64. */
export const examStyleHash = "B0d0TgT3Al+qTx5XWU6SieJMUnje6lHkhDozeHf2diw=";

/** Both, as a page takes them. */
export const examStyles = { text: examStyle, hash: examStyleHash };
