import * as ort from "#ort";
import { UsageError } from "../util/errors.js";
import { printable } from "../util/text.js";

/** Version of ONNX Runtime here; in a browser that of onnxruntime-web. */
export function runtimeVersion(): string {
  const { versions } = ort.env;
  return versions.node ?? versions.web ?? versions.common;
}

/** What onnxruntime-web registers, and does not list; `cpu` is its WebAssembly too. */
const WEB_PROVIDERS = ["cpu", "wasm", "webgpu"];

/** Execution providers this runtime brings along, by the names sessions take. */
export function availableProviders(): string[] {
  const runtime: Partial<typeof ort> = ort;
  const backends = runtime.listSupportedBackends?.();
  return backends?.filter(({ bundled }) => bundled).map(({ name }) => name) ?? WEB_PROVIDERS;
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
