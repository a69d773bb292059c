import { describe, expect, it } from "vitest";
import { gradientChecks } from "../../tests/support/gradient-checks.js";
import { differentiableOps } from "./index.js";

describe("gradients agree with central differences", () => {
  it.each(gradientChecks.map((check) => [check.op, check.about, check] as const))(
    "%s: %s",
    (_op, _about, check) => check.run(),
  );

  it("of every operator that has a rule, on shapes drawn at random", () => {
    const drawn = new Set(gradientChecks.filter(({ isDrawn }) => isDrawn).map(({ op }) => op));
    expect([...drawn].sort()).toEqual(differentiableOps);
  });
});
