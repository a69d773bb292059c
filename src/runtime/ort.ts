import "./no-telemetry.js"; // before the runtime loads

export * from "#ort";
