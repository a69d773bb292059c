import * as Plot from "@observablehq/plot";
import { count, printable } from "../../../util/text.js";
import type { Html } from "../../html/escape.js";
import { milliseconds, type ProfiledNode, type SweptLayers } from "../ask-columns.js";
import type { Ask } from "../digest.js";
import { figure } from "./figure.js";

const LONGEST_NAME = 60;

/** Every node that multiplies, under the ceilings of the machine. */
export function rooflineChart({ nodes, ceilings }: NonNullable<Ask["profile"]>): Html | null {
  const dots = nodes.filter(({ macs, gigaflopsPerSecond }) => macs > 0 && gigaflopsPerSecond > 0);
  if (dots.length === 0) return null;
  const intensities = dots.map(({ intensity }) => intensity);
  const { gigaflopsPerSecond: peak, gigabytesPerSecond } = ceilings;
  const ridge = peak / gigabytesPerSecond;
  const [low, high] = [Math.min(...intensities, ridge) / 2, Math.max(...intensities, ridge) * 2];
  const roof = [low, ridge, high].map((intensity) => ({
    intensity,
    speed: Math.min(peak, intensity * gigabytesPerSecond),
  }));
  return figure(
    {
      width: 1120,
      height: 380,
      marginLeft: 56,
      marginBottom: 40,
      x: { type: "log", label: "operations a byte", ticks: 6, tickFormat: "~g" },
      y: { type: "log", label: "GFLOP/s", grid: true, ticks: 5, tickFormat: "~g" },
      r: { range: [2.5, 13], domain: [0, Math.max(...dots.map(({ share }) => share))] },
      marks: [
        Plot.line(roof, { x: "intensity", y: "speed", strokeWidth: 2 }),
        Plot.dot(dots, {
          x: "intensity",
          y: "gigaflopsPerSecond",
          r: "share",
          className: "node",
          title: nodeTitle,
        }),
      ],
    },
    "Roofline: speed of each node over its operations a byte, under the machine's ceilings",
  );
}

function nodeTitle({ layer, nodes, name, op, ms, share }: ProfiledNode): string {
  const shown = printable(layer ?? nodes[0] ?? name, LONGEST_NAME);
  return `${shown}, ${op}: ${milliseconds(ms.median)} ms (${milliseconds(ms.low)} to ${milliseconds(ms.high)}, ${count(ms.samples, "run")}), ${(100 * share).toFixed(1)} %`;
}

/** Time of every group count, beside what counting multiply-accumulates promises. */
export function sweepChart({ names, layer, sweep }: SweptLayers): Html {
  const { counts } = sweep;
  const [dense] = counts;
  const promise = counts.map(({ groups, promised }) => ({
    groups,
    ms: dense.ms.median / promised,
  }));
  return figure(
    {
      width: 300,
      height: 190,
      marginLeft: 48,
      marginTop: 22,
      x: { type: "log", base: 2, label: "groups", ticks: 5, tickFormat: "~g" },
      y: { type: "log", label: "ms", grid: true, ticks: 4, tickFormat: "~g" },
      marks: [
        Plot.line(promise, { x: "groups", y: "ms", strokeDasharray: "3 3", strokeOpacity: 0.5 }),
        Plot.line(counts, { x: "groups", y: ({ ms }) => ms.median, className: "clock" }),
        Plot.ruleX(counts, {
          x: "groups",
          y1: ({ ms }) => ms.low,
          y2: ({ ms }) => ms.high,
          className: "clock",
        }),
        Plot.dot(counts, {
          x: "groups",
          y: ({ ms }) => ms.median,
          r: ({ groups }) => (groups === layer.groups ? 5 : 2.5),
          className: "clock-dot",
          title: ({ groups, ms, path, ties }) =>
            `groups=${groups}: ${milliseconds(ms.median)} ms (${milliseconds(ms.low)} to ${milliseconds(ms.high)}, ${count(ms.samples, "round")}), ${path}${ties.length > 0 ? `, not told apart from groups=${ties.join(", ")}` : ""}`,
        }),
      ],
      r: { type: "identity" },
    },
    `Milliseconds by group count: ${printable(names[0], LONGEST_NAME)}`,
  );
}
