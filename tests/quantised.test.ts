import { expect, it } from "vitest";
import { audit, type Result } from "../src/audits/index.js";
import type { Model } from "../src/graph/index.js";
import { architectures, buildModel } from "../src/nn/index.js";
import { quantiseInPlace } from "./support/quantised.js";

/** What is said of layers and their groups; kernels are other ones. */
function said({ scene, convolutions, findings }: Result) {
  return {
    scene,
    layers: convolutions.map(({ fastPath, ...row }) => row),
    findings: findings.filter((finding) => finding.audit !== "off-fast-path"),
  };
}

it.each(["shufflenet_v1_g3", "efficientnet_b0", "unet_grouped"] as const)(
  "%s quantised (QDQ) is audited as it is in floats",
  async (name) => {
    const build = (): Model => buildModel(architectures[name](), { inputShape: [1, 3, 32, 32] });
    const preset = "golden-rules";
    const floats = await audit(build(), { preset });
    const quantised = build();
    quantiseInPlace(quantised);
    const codes = await audit(quantised, { preset });
    expect(floats.findings.length).toBeGreaterThan(3);
    expect(said(codes)).toEqual(said(floats));
    expect(codes.model.macs).toBe(floats.model.macs);
  },
);
