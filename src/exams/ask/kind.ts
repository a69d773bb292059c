import { validGroups } from "../../groups/index.js";
import { kindText } from "../../util/kind-text.js";
import type { Configuration } from "./section.js";

/** All that says what kind of a convolution it is, but its sizes. */
export type Kind = Pick<Configuration, "op" | "dataType" | "weight">;

/** Does it multiply integers? */
export function readsIntegers({ dataType }: Pick<Kind, "dataType">): boolean {
  return dataType === "uint8" || dataType === "int8";
}

/** Is it written in floats between DequantizeLinear and QuantizeLinear, and made integers of by the runtime? */
export function isQdq({ op, dataType }: Pick<Kind, "op" | "dataType">): boolean {
  return op === "Conv" && readsIntegers({ dataType });
}

/** Floats and constant weights: what the runtime may run in blocks, with a norm and an activation inside. */
export function isFoldable({ op, dataType, weight }: Kind): boolean {
  return op === "Conv" && !readsIntegers({ dataType }) && weight.source === "constant";
}

/** Every valid count, ascending. */
export function groupsOf({
  inShape,
  outShape,
}: Pick<Configuration, "inShape" | "outShape">): number[] {
  return validGroups(inShape[1], outShape[1]);
}

/** Conv and the integers `[M, C/G, ...k]`, ConvTranspose `[C, M/G, ...k]`. */
export function weightShape(
  { op, inShape, outShape, kernel }: Pick<Configuration, "op" | "inShape" | "outShape" | "kernel">,
  groups: number,
): number[] {
  const [first, second] =
    op === "ConvTranspose" ? [inShape[1], outShape[1]] : [outShape[1], inShape[1]];
  return [first, second / groups, ...kernel];
}

/** "3x3, 512 -> 512 channels, 14x14", and what it is unless a Conv of float32. */
export function describeConfiguration(configuration: Configuration): string {
  const { kernel, inShape, outShape } = configuration;
  const sizes = `${kernel.join("x")}, ${inShape[1]} -> ${outShape[1]} channels, ${inShape.slice(2).join("x")}`;
  const kind = kindText(configuration);
  return kind === "Conv" ? sizes : `${kind}, ${sizes}`;
}
