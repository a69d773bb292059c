import * as ort from "#ort";
import { UsageError } from "../util/errors.js";
import { printable } from "../util/text.js";

/** Version of ONNX Runtime here; in a browser that of onnxruntime-web. */
export function runtimeVersion(): string {
  const { versions } = ort.env;
  return versions.node ?? versions.web ?? versions.common;
}

/** Execution providers this runtime brings along, by the names sessions take. */
export function availableProviders(): string[] {
  if (!("listSupportedBackends" in ort)) return ["wasm", "webgpu"];
  return ort
    .listSupportedBackends()
    .filter(({ bundled }) => bundled)
    .map(({ name }) => name);
}

/**
 * Refuses an execution provider before anything is built for it.
 * @throws UsageError when the runtime has no such provider.
 */
export function checkProvider(provider: string): void {
  const available = availableProviders();
  if (available.includes(provider)) return;
  throw new UsageError(
    `provider=${printable(provider, 40)} is not in this ONNX Runtime ${runtimeVersion()}; it has ${available.join(", ")}`,
  );
}
