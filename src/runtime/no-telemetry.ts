/**
 * From 1.29 on ONNX Runtime's own builds for Linux report to Microsoft what models they load: names of files and
 * graphs, hashes of weights (https://github.com/microsoft/onnxruntime/pull/27379). What is examined here is somebody's
 * own, so it is told not to, unless whoever runs this program has said otherwise. It reads this once, as it loads.
 */
const environment = globalThis.process?.env;
if (environment) environment.ORT_DISABLE_TELEMETRY ??= "1";
