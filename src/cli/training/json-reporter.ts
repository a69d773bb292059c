import type { Output } from "../context.js";
import type { Reporter } from "./reporter.js";

/** Of steps that follow each other faster, one in this time is told. */
const STEP_INTERVAL_MS = 1000;

/** One JSON object a line: each event of `fit`, of the steps one a second, and at the end `files`. */
export function jsonReporter(output: Output): Reporter {
  let lastStep = Number.NEGATIVE_INFINITY;
  const print = (value: object) => output.write(`${JSON.stringify(value)}\n`);
  return {
    event(event) {
      if (event.type === "step") {
        const now = performance.now();
        if (now - lastStep < STEP_INTERVAL_MS) return;
        lastStep = now;
      }
      print(event);
    },
    wrote: (files) => print({ type: "files", ...files }),
  };
}
