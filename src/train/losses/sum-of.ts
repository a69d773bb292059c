import { UsageError } from "../../util/errors.js";
import type { Loss } from "./loss.js";

/**
 * Several losses of one output as one: their sum, such as Dice and cross-entropy.
 *
 * @throws UsageError without a loss, or if the losses take other targets than the first.
 */
export function sumOf(...losses: readonly Loss[]): Loss {
  if (losses.length === 0) throw new UsageError("sumOf: losses=0 must be at least 1");
  const name = losses.map((loss) => loss.name).join(" + ");
  return {
    name,
    recipe: losses.map((loss) => loss.recipe ?? loss.name).join(" + "),
    target(output) {
      const [first, ...others] = losses.map((loss) => loss.target(output));
      for (const [i, other] of others.entries())
        if (other.dtype !== first.dtype || String(other.shape) !== String(first.shape))
          throw new UsageError(
            `sumOf: ${losses[i + 1].name} takes targets ${other.dtype} [${other.shape}], ${losses[0].name} ${first.dtype} [${first.shape}]`,
          );
      return first;
    },
    write(g, prediction, target, output) {
      const terms = losses.map((loss) => loss.write(g, prediction, target, output));
      return terms.length === 1 ? terms[0] : g.op("Sum", terms);
    },
  };
}
