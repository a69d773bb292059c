import { describeMachine } from "../../../support/machine.js";
import { markdownTable } from "../../../support/table.js";
import type { Build, Outcome } from "./builds.js";
import type { Result } from "./examine.js";
import {
  CONV_3X3,
  CONV_GROUPS,
  CONV_OUTS,
  FAMILIES,
  type Family,
  TRANSPOSED_3X3,
  TRANSPOSED_CHANNELS,
  TRANSPOSED_GROUPS,
} from "./grid.js";
import type { Layer } from "./layer.js";
import type { PageFacts } from "./page.js";

/** What a build made of every layer it was asked for. */
export interface Examined {
  readonly build: Build;
  readonly facts: PageFacts;
  readonly results: ReadonlyMap<Layer, Result>;
}

export function report(examined: readonly Examined[]): string {
  const [first] = examined;
  const { version, browser, adapter, hasFloat16 } = first.facts;
  return [
    "# Ask: what onnxruntime-web computes of convolutions with groups",
    "",
    `onnxruntime-web ${version}, ${browser}, WebGPU by ${adapter}, ${hasFloat16 ? "with" : "without"} float16. ${describeMachine()}.`,
    "Data and weights are noise, and right is what onnxruntime-node computes on the processor. The error is the",
    "largest difference over the largest output; up to 1e-4 is right (float16: 1e-2).",
    "",
    "## By build",
    "",
    "Expected is what the rule of the audit `miscomputed-groups` says for `onnxruntime-web/webgpu`, and what",
    "[`builds.ts`](builds.ts) says for the others.",
    "",
    buildsTable(examined),
    "",
    ...refusals(examined),
    "## By kind of layer",
    "",
    "right / wrong / refused; a dash was not asked for.",
    "",
    markdownTable(
      ["layers", ...examined.map(titleOf)],
      FAMILIES.map((family) => [
        family.name,
        ...examined.map(({ results }) => countsText(family, results)),
      ]),
    ),
    "",
    `## 3x3, ${first.build.title}`,
    "",
    "Outputs per group downwards, groups to the right. A number is the error of what is wrong.",
    "",
    markdownTable(
      ["outputs per group", ...CONV_GROUPS.map((groups) => `G=${groups}`)],
      CONV_OUTS.map((outs) => [
        outs,
        ...CONV_GROUPS.map((groups) =>
          cell(first, CONV_3X3, (one) => one.groups === groups && one.outPerGroup === outs),
        ),
      ]),
    ),
    "",
    `## Transposed 3x3, ${first.build.title}`,
    "",
    "Inputs and outputs per group downwards; where every count of groups is right, no line.",
    "",
    markdownTable(
      ["inputs, outputs", ...TRANSPOSED_GROUPS.map((groups) => `G=${groups}`)],
      TRANSPOSED_CHANNELS.flatMap((ins) =>
        TRANSPOSED_CHANNELS.map((outs): string[] => [
          `${ins}, ${outs}`,
          ...TRANSPOSED_GROUPS.map((groups) =>
            cell(
              first,
              TRANSPOSED_3X3,
              (one) => one.groups === groups && one.inPerGroup === ins && one.outPerGroup === outs,
            ),
          ),
        ]),
      ).filter(([, ...cells]) => cells.some((one) => one !== "right")),
    ),
    "",
  ].join("\n");
}

function titleOf({ build }: Examined): string {
  return `${build.entry.replace(".min.mjs", "")}${build.layout ? `, ${build.layout}` : ""}`;
}

function buildsTable(examined: readonly Examined[]): string {
  const outcomes: readonly Outcome[] = ["right", "wrong", "refused"];
  return markdownTable(
    [
      "build",
      "module",
      "layers",
      ...outcomes,
      "as expected",
      "largest error of the right",
      "least error of the wrong",
    ],
    examined.map((one) => {
      const results = [...one.results];
      const errors = (outcome: Outcome) =>
        results.flatMap(([, result]) => (result.outcome === outcome ? (result.error ?? []) : []));
      return [
        one.build.title,
        titleOf(one),
        results.length,
        ...outcomes.map(
          (outcome) => results.filter(([, result]) => result.outcome === outcome).length,
        ),
        results.filter(([layer, { outcome }]) => one.build.expect(layer) === outcome).length,
        exponent(Math.max(...errors("right"))),
        exponent(Math.min(...errors("wrong"))),
      ];
    }),
  );
}

function exponent(error: number): string {
  return Number.isFinite(error) ? error.toExponential(1) : "none";
}

/** Each way of refusing, once a build. */
function refusals(examined: readonly Examined[]): string[] {
  const lines = examined.flatMap((one) => {
    const reasons = [...one.results.values()].flatMap(({ reason }) => reason ?? []);
    const said = new Set(reasons.map((reason) => reason.split("Status Message: ").at(-1)!));
    return [...said].map((reason) => `- ${titleOf(one)} refused: ${reason}`);
  });
  return lines.length > 0 ? [...lines, ""] : [];
}

function countsText({ layers }: Family, results: ReadonlyMap<Layer, Result>): string {
  const asked = layers.flatMap((layer) => results.get(layer) ?? []);
  if (asked.length === 0) return "-";
  const count = (outcome: Outcome) => asked.filter((one) => one.outcome === outcome).length;
  return `${count("right")} / ${count("wrong")} / ${count("refused")}`;
}

function cell({ results }: Examined, { layers }: Family, is: (layer: Layer) => boolean): string {
  const { outcome, error } = results.get(layers.find(is)!)!;
  return outcome === "wrong" ? error!.toPrecision(2) : outcome;
}
