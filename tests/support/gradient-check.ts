import fc from "fast-check";
import { checkGradients, type GradientCase } from "./check-gradients.js";

/** One check of an operator's gradient against central differences: data, which Node and the browser run. */
export interface GradientCheck {
  readonly op: string;
  /** What of the operator: `"auto_pad SAME_UPPER"`. */
  readonly about: string;
  /** Whether the cases, and with them the shapes, are drawn. */
  readonly isDrawn: boolean;
  readonly run: () => Promise<void>;
}

/** Cases drawn by fast-check with a fixed seed; a failure is shrunk and says what was drawn. */
export function property<T>(
  op: string,
  about: string,
  arbitrary: fc.Arbitrary<T>,
  sketch: (drawn: T) => GradientCase,
  { runs = 12, seed = 1 }: { runs?: number; seed?: number } = {},
): GradientCheck {
  const check = fc.asyncProperty(arbitrary, (drawn) => checkGradients(sketch(drawn), op));
  const run = () => fc.assert(check, { numRuns: runs, seed, includeErrorInReport: true });
  return { op, about, isDrawn: true, run };
}

/** Cases written down. */
export function examples(op: string, about: string, ...cases: GradientCase[]): GradientCheck {
  const run = async () => {
    for (const each of cases) await checkGradients(each, op);
  };
  return { op, about, isDrawn: false, run };
}

/** Shapes of these ranks, axes of at most `most` elements. */
export function anyShape(leastRank = 0, mostRank = 4, most = 3): fc.Arbitrary<number[]> {
  return fc.array(fc.integer({ min: 1, max: most }), {
    minLength: leastRank,
    maxLength: mostRank,
  });
}

/** One of the operator sets, from the one on that has the operator as the case writes it. */
export function opsetFrom(since: number, before = Number.POSITIVE_INFINITY): fc.Arbitrary<number> {
  const all = [9, 10, 11, 12, 13, 14, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25];
  return fc.constantFrom(...all.filter((opset) => opset >= since && opset < before));
}
