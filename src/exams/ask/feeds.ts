import type { Survey } from "../../analysis/index.js";
import { isFloat, Rng, type Tensor, tensor, zeros } from "../../tensor/index.js";
import { UsageError } from "../../util/errors.js";
import { printable } from "../../util/text.js";

/**
 * Inputs for a model that nobody gave data for: normal noise, and zeros where whole numbers are read, as
 * those may be indices. Good for times, which hardly depend on values.
 *
 * @throws UsageError when the shape or the type of an input is open.
 */
export function drawFeeds({ model, inputs }: Survey): Record<string, Tensor> {
  const rng = new Rng(0);
  const feeds: Record<string, Tensor> = {};
  for (const { name, shape } of inputs) {
    const type = model.graph.find(name)?.type;
    const dtype = type?.kind === "tensor" ? type.dtype : "string";
    if (!shape || dtype === "string")
      throw new UsageError(
        `input "${printable(name, 60)}" has no shape or type that data can be drawn for`,
      );
    feeds[name] = isFloat(dtype)
      ? tensor(rng.normal(shape).data, shape, dtype)
      : zeros(shape, dtype);
  }
  return feeds;
}
