import type { Result, Severity } from "../../audits/result.js";
import { count, printable } from "../../util/text.js";
import {
  KINDS,
  type Kind,
  type KindTotal,
  SEVERITIES,
  SEVERITY_SYMBOLS,
  totalsByKind,
} from "../digest.js";
import { compact, percent, shapeText } from "../format.js";
import { type Html, type HtmlValue, html } from "./escape.js";
import { nameOf } from "./parts.js";
import { shareBar } from "./share-bar.js";

/**
 * The top of the page: which model, what came out, and under which assumptions.
 * @param findings Of the whole page. Defaults to the result's.
 */
export function heading(result: Result, findings: Graded = result.findings): Html {
  const { model, scene, target, preset, inputs, shapes, tool } = result;
  const blocks = target.blockSize === null ? "" : `, blocks of ${target.blockSize} channels`;
  const facts: [string, HtmlValue][] = [
    [
      "Model",
      [model.producer, `opset ${model.opset}`, count(model.nodes, "node")]
        .filter((fact) => fact !== null)
        .join(" · "),
    ],
    ["Scene", html`<strong>${scene.task}</strong>, ${scene.source}: ${scene.reason}`],
    ["Target", `${target.name}${blocks}`],
    [
      "Inputs",
      inputs.map(
        ({ name, shape, source }, i) =>
          html`${i > 0 && ", "}${nameOf(name)} ${shapeText(shape)} <span class="soft">(${INPUT_SOURCES[source]})</span>`,
      ),
    ],
    ["Preset", preset],
  ];
  if (!shapes.available) facts.push(["Shapes", `none: ${shapes.reason ?? "no reason given"}`]);
  return html`<header>
<p class="eyebrow">${tool.name} ${tool.version} · convolution groups of a network</p>
<h1><bdi class="name">${printable(model.name)}</bdi></h1>
<p class="verdict">${verdictBadges(findings)}</p>
<dl class="facts">
${facts.map(
  ([term, text]) => html`<dt>${term}</dt><dd>${text}</dd>
`,
)}</dl>
</header>`;
}

const INPUT_SOURCES = {
  file: "from the file",
  given: "given",
  default: "chosen by default",
} as const;

type Graded = readonly { readonly severity: Severity }[];

function verdictBadges(findings: Graded): HtmlValue {
  const amount = (wanted: Severity) =>
    findings.filter(({ severity }) => severity === wanted).length;
  const present = SEVERITIES.filter((severity) => amount(severity) > 0);
  if (present.length === 0)
    return html`<span class="badge good"><span aria-hidden="true">✔</span> no findings</span>`;
  return present.map(
    (severity) =>
      html`<span class="badge ${severity}"><span aria-hidden="true">${SEVERITY_SYMBOLS[severity]}</span> ${count(amount(severity), severity)}</span> `,
  );
}

/** The numbers of the network, each with its share of dense, grouped and depthwise layers. */
export function cards(result: Result): Html {
  const totals = totalsByKind(result);
  const of = (field: keyof KindTotal) =>
    Object.fromEntries(KINDS.map((kind) => [kind, totals[kind][field] ?? 0])) as Record<
      Kind,
      number
    >;
  const layers = of("layers");
  const macs = of("macs");
  const inGroups = macs.grouped + macs.depthwise;
  const whole = macs.dense + inGroups;
  const groupedLayers = layers.grouped + layers.depthwise;
  const noMacs = result.model.macs === null && html`<p class="shares">unknown without shapes</p>`;
  return html`<section class="cards" aria-label="Summary">
${card("Convolutions", result.convolutions.length, shareBar(layers))}
${card("Multiply-accumulates", compact(result.model.macs), shareBar(macs) ?? noMacs)}
${card("Parameters", compact(result.model.params), shareBar(of("params"), "of the convolutions: "))}
${card("MACs in groups", percent(inGroups, whole), whole === 0 ? noMacs : html`<p class="shares">in the ${groupedLayers} of ${count(result.convolutions.length, "convolution")} that are grouped or depthwise</p>`)}
</section>`;
}

function card(title: string, big: HtmlValue, below: HtmlValue): Html {
  return html`<div class="card"><h2>${title}</h2><p class="big">${big}</p>${below}</div>`;
}
