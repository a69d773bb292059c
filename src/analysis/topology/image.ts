import { type Graph, intsAttribute, isOp, staticShape, type Value } from "../../graph/index.js";
import type { Shapes } from "../../runtime/index.js";
import { product } from "../../util/math.js";

/** What a network reads: the largest of its inputs that has space. */
export interface Image {
  /** Axes of `[N, C, ...size]`. */
  readonly rank: number;
  readonly batch: number | null;
  /** Positions; null when the size is unknown. */
  readonly area: number | null;
}

/** Null when no input is known to have space. */
export function imageOf(graph: Graph, shapes: Shapes | null): Image | null {
  const images = graph.freeInputs.flatMap((input) => describe(input, shapes) ?? []);
  return images.reduce<Image | null>(
    (largest, image) => (largest && (largest.area ?? 0) >= (image.area ?? 0) ? largest : image),
    null,
  );
}

function describe(input: Value, shapes: Shapes | null): Image | null {
  const declared = input.type?.kind === "tensor" ? input.type.shape : null;
  const shape = shapes?.get(input) ?? staticShape(input.type);
  const rank = shape?.length ?? declared?.length;
  if (rank === undefined || rank < 3) return null;
  if (!shape) return { rank, batch: null, area: null };
  const size = isChannelsLast(input) ? shape.slice(1, -1) : shape.slice(2);
  return { rank, batch: shape[0], area: product(size) || null };
}

/** Networks of other frameworks read `[N, H, W, C]` and turn it over first. */
function isChannelsLast(input: Value): boolean {
  const { consumers } = input;
  return (
    consumers.length > 0 &&
    consumers.every(
      (node) => isOp(node, "Transpose") && intsAttribute(node, "perm")?.join() === "0,3,1,2",
    )
  );
}

/** Pixels of the image for one position of a map of this shape, along an axis on average. */
export function strideOfShape(shape: readonly number[], image: Image): number | null {
  const area = product(shape.slice(2));
  if (image.area === null || area === 0) return null;
  return (image.area / area) ** (1 / (shape.length - 2));
}
