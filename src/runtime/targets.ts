import { UsageError } from "../util/errors.js";
import { nearestWord, printable } from "../util/text.js";
import * as ort from "./ort.js";

/**
 * Where a model can be timed: ONNX Runtime with one of its execution providers. `ort-wasm` and `ort-webgpu`
 * are onnxruntime-web in a browser, all others onnxruntime-node.
 */
export const TIMED_TARGETS = [
  "ort-cpu",
  "ort-wasm",
  "ort-webgpu",
  "ort-cuda",
  "ort-tensorrt",
  "ort-coreml",
  "ort-dml",
  "ort-node-webgpu",
] as const;

export type TimedTarget = (typeof TIMED_TARGETS)[number];

/** The names that sessions take. */
const PROVIDERS: Readonly<Record<TimedTarget, string>> = {
  "ort-cpu": "cpu",
  "ort-wasm": "wasm",
  "ort-webgpu": "webgpu",
  "ort-cuda": "cuda",
  "ort-tensorrt": "tensorrt",
  "ort-coreml": "coreml",
  "ort-dml": "dml",
  "ort-node-webgpu": "webgpu",
};

export const BROWSER_TARGETS = ["ort-wasm", "ort-webgpu"] as const;

/** A target of onnxruntime-web. */
export type BrowserTarget = (typeof BROWSER_TARGETS)[number];

const isInBrowser = ort.env.versions.web !== undefined;

/** What this process' own runtime does when it is told nothing. */
export const DEFAULT_TARGET: TimedTarget = isInBrowser ? "ort-wasm" : "ort-cpu";

/** Version of ONNX Runtime here; in a browser that of onnxruntime-web. */
export function runtimeVersion(): string {
  const { versions } = ort.env;
  return versions.node ?? versions.web ?? versions.common;
}

/** Whether a target is onnxruntime-web, which Node has in no process of its own. */
export function isBrowserTarget(target: TimedTarget): target is BrowserTarget {
  return (BROWSER_TARGETS as readonly string[]).includes(target);
}

/** Targets that the runtime of this process knows; libraries of some may be missing on the machine. */
export function ownTargets(): TimedTarget[] {
  if (isInBrowser) return [...BROWSER_TARGETS];
  const runtime: Partial<typeof ort> = ort; // onnxruntime-web has no such list
  const listed = runtime.listSupportedBackends?.().map(({ name }) => name) ?? [];
  return TIMED_TARGETS.filter(
    (target) => !isBrowserTarget(target) && listed.includes(PROVIDERS[target]),
  );
}

/**
 * The execution provider of this process' runtime that is a target.
 * @throws UsageError when it has none, or there is no such target.
 */
export function ownProvider(target: TimedTarget): string {
  checkTarget(target);
  const own = ownTargets();
  if (!own.includes(target))
    throw new UsageError(
      `target=${target} is not in this ONNX Runtime ${runtimeVersion()}; it has ${own.join(", ")}`,
    );
  return PROVIDERS[target];
}

/** @throws UsageError when there is no such target, naming the nearest. */
export function checkTarget(target: string): asserts target is TimedTarget {
  if ((TIMED_TARGETS as readonly string[]).includes(target)) return;
  const near = nearestWord(target, TIMED_TARGETS);
  throw new UsageError(
    `target=${printable(target, 40)} is none of ${TIMED_TARGETS.join(", ")}`,
    near ? { help: `Did you mean ${near}?` } : {},
  );
}
