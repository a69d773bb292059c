import { describe, expect, it } from "vitest";
import type { GradientCheck } from "../../tests/support/gradient-check.js";
import { gradientChecks } from "../../tests/support/gradient-checks.js";
import type { GradientBuilder } from "./gradient-builder.js";
import type { Rule } from "./rule.js";
import { differentiableOps, rules } from "./table.js";
import type { Term } from "./term.js";

describe("the checks see a gradient that is off by one percent", () => {
  it.each(differentiableOps)("%s, by each input", async (op) => {
    const checks = gradientChecks.filter((check) => check.op === op);
    const reached = new Set<number>();
    await withRule(
      op,
      (term, input) => {
        reached.add(input);
        return term;
      },
      () => runAll(checks),
    );
    expect(reached.size).toBeGreaterThan(0);
    for (const input of reached) {
      const spoilt = withRule(
        op,
        (term, at, g) => (at === input ? g.mul(term, 1.01) : term),
        () => runAll(checks),
      );
      await expect(spoilt, `input ${input}`).rejects.toThrow("differences say");
    }
  });
});

async function runAll(checks: readonly GradientCheck[]): Promise<void> {
  for (const check of checks) await check.run();
}

/** Runs `body` while every gradient that the rule gives goes through `change`. */
async function withRule(
  op: string,
  change: (term: Term, input: number, g: GradientBuilder) => Term,
  body: () => Promise<void>,
): Promise<void> {
  const table = rules as Record<string, Rule>;
  const rule = table[op];
  table[op] = (context) =>
    rule(context).map((make, input) => make && (() => change(make(), input, context.g)));
  try {
    await body();
  } finally {
    table[op] = rule;
  }
}
