import { expect, it } from "vitest";
import { sampleConfiguration } from "../../../tests/support/sample-configuration.js";
import { predictPath } from "./kernel-path.js";
import type { Configuration } from "./section.js";

const base = sampleConfiguration();

const paths = (configuration: Configuration) =>
  [1, 4, 16, 32].map((groups) => predictPath(8)(configuration, groups)).join(" ");

it("knows blocks for floats alone, and what else the runtime has kernels for", () => {
  const { weight } = base;
  const int8 = { dtype: "int8", source: "constant", scales: "channel" } as const;
  expect(paths(base)).toBe("fast fast slow depthwise");
  expect(paths({ ...base, weight: { ...weight, source: "computed" } })).toBe("slow slow slow slow");
  expect(paths({ ...base, weight: { ...int8, source: "dequantised" } })).toBe(
    "slow slow slow slow",
  );
  expect(paths({ ...base, op: "ConvTranspose" })).toBe("slow slow slow slow");
  for (const op of ["Conv", "QLinearConv"] as const)
    expect(paths({ ...base, op, dataType: "uint8", weight: int8 })).toBe(
      "fast slow slow depthwise",
    );
  expect(paths({ ...base, op: "ConvInteger", dataType: "uint8", weight: int8 })).toBe(
    "unknown unknown unknown unknown",
  );
  expect(paths({ ...base, dataType: "float16", weight: { ...weight, dtype: "float16" } })).toBe(
    "unknown unknown unknown unknown",
  );
});
