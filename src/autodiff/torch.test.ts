import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { checkTorchCase, type TorchFixture, titleOf } from "../../tests/support/torch-case.js";
import { differentiableOps } from "./index.js";

const fixture = new URL("./fixtures/torch.json", import.meta.url);
const { torch, cases }: TorchFixture = JSON.parse(readFileSync(fixture, "utf8"));

describe(`results and gradients equal PyTorch ${torch}'s`, () => {
  it.each(cases.map((each) => [titleOf(each), each] as const))("%s", (_, each) =>
    checkTorchCase(each),
  );

  it("of every operator that has a rule", () => {
    const covered = new Set(cases.map(({ op }) => op));
    expect(differentiableOps.filter((op) => !covered.has(op))).toEqual([]);
  });
});
