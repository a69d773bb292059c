import { expect, it } from "vitest";
import { installedVersion } from "../../bench/support/machine.js";
import { UsageError } from "../util/errors.js";
import { checkTarget, isBrowserTarget, ownProvider, runtimeVersion } from "./targets.js";

it("finds the provider of a target, and refuses in a sentence what is a browser's", () => {
  expect(ownProvider("ort-cpu")).toBe("cpu");
  expect(isBrowserTarget("ort-cpu")).toBe(false);
  expect(isBrowserTarget("ort-webgpu")).toBe(true);
  expect(() => ownProvider("ort-wasm")).toThrow(UsageError);
  expect(() => ownProvider("ort-wasm")).toThrow(
    /^target=ort-wasm is not in this ONNX Runtime \d+\.\d+\.\d+; it has ort-cpu\b(?!.*ort-wasm)/,
  );
});

it("refuses other words, with the nearest", () => {
  expect(() => checkTarget("ort-cpu")).not.toThrow();
  expect(() => checkTarget("abacus")).toThrow(/^target=abacus is none of ort-cpu, .*ort-webgpu/);
  expect(() => checkTarget("ort-wsam")).toThrow(
    expect.objectContaining({ help: "Did you mean ort-wasm?" }),
  );
});

it("tells the version that is installed", () => {
  expect(runtimeVersion()).toBe(installedVersion("onnxruntime-node"));
});
