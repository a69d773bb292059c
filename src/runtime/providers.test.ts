import { expect, it } from "vitest";
import { installedVersion } from "../../bench/support/machine.js";
import { UsageError } from "../util/errors.js";
import { availableProviders, checkProvider, runtimeVersion } from "./providers.js";

it("lists what this runtime brings along, and refuses the rest in a sentence", () => {
  expect(availableProviders()).toContain("cpu");
  expect(() => checkProvider("cpu")).not.toThrow();
  expect(() => checkProvider("abacus")).toThrow(UsageError);
  expect(() => checkProvider("abacus")).toThrow(
    /^provider=abacus is not in this ONNX Runtime \d+\.\d+\.\d+; it has .*\bcpu\b/,
  );
});

it("tells the version that is installed", () => {
  expect(runtimeVersion()).toBe(installedVersion("onnxruntime-node"));
});
