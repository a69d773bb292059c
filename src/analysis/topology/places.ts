import { type Graph, intAttribute, isOp, type Node, type Value } from "../../graph/index.js";
import { convAttributes, isConvolution } from "../../ops/index.js";
import type { Shapes } from "../../runtime/index.js";
import { isGlobalPooling } from "../gates.js";
import { type Image, imageOf, strideOfShape } from "./image.js";
import { isChannelConcat, mainInputs } from "./main-inputs.js";
import { windowStride } from "./window-stride.js";

/** Where a value stands between the image and the outputs. */
export interface Place {
  /** A feature map `[N, C, ...size]`, something flattened out of maps, or one vector an image. */
  readonly form: "map" | "flat" | "vector";
  /**
   * Pixels of the input for one position, along an axis on average: of the map it is, or was last. Null
   * when that is unknown, or when several maps of different strides came together.
   */
  readonly stride: number | null;
}

export type Places = ReadonlyMap<Value, Place>;

/** They give their positions another order or shape, so that what they write is no map. */
const FLATTENING = [
  ..."Reshape Transpose Squeeze Unsqueeze MatMul MatMulInteger Einsum LSTM GRU RNN GatherND".split(
    " ",
  ),
  ..."ScatterND TopK NonMaxSuppression RoiAlign MaxRoiPool NonZero Compress If Loop Scan".split(
    " ",
  ),
];

/**
 * Follows the image through a graph: for every value that depends on it, whether it still is a map and
 * how coarse. Sizes come from `shapes` where they are known, else from strides; the factor of a `Resize`
 * is then unknown until its output meets a map whose stride is known.
 *
 * @param order The graph's nodes, each after what it reads.
 * @param data See `dataValues`.
 */
export function findPlaces(
  graph: Graph,
  order: readonly Node[],
  data: ReadonlySet<Value>,
  shapes: Shapes | null,
): Places {
  const image = imageOf(graph, shapes);
  const places = new Map<Value, Place>();
  for (const input of graph.freeInputs) {
    const rank =
      shapes?.get(input)?.length ??
      (input.type?.kind === "tensor" ? input.type.shape?.length : undefined);
    places.set(input, { form: rank !== undefined && rank < 3 ? "vector" : "map", stride: 1 });
  }
  for (const node of order) {
    const inputs = mainInputs(node, data).flatMap((value) => places.get(value) ?? []);
    if (inputs.length === 0) continue;
    for (const output of node.outputs) {
      if (!output || !data.has(output)) continue;
      const place = placeOf(node, inputs, image, shapes);
      places.set(output, refine(place, node, shapes?.get(output), image));
    }
  }
  return places;
}

/** Place of a node's outputs, by its operator. */
function placeOf(
  node: Node,
  inputs: readonly Place[],
  image: Image | null,
  shapes: Shapes | null,
): Place {
  const { form, stride } = join(inputs);
  if (isGlobalPooling(node, shapes) || convolvesAll(node, shapes))
    return { form: "vector", stride };
  if (isConvolution(node)) {
    // Tokens that go back to being a map, as after an attention block.
    const isMap = form === "map" || (form === "flat" && stride !== null);
    return isMap ? { form: "map", stride: scaled(stride, node) } : { form, stride };
  }
  if (form === "vector")
    return isOp(node, "Resize", "Upsample") ? { form: "map", stride: null } : { form, stride };
  if (isOp(node, "Flatten", "Gemm")) return { form: "vector", stride };
  const turnsFlat =
    isOp(node, ...FLATTENING) ||
    (isOp(node, "Concat") && !isChannelConcat(node, image?.rank)) ||
    (isOp(node, "Gather") && intAttribute(node, "axis", 0) !== 1);
  if (turnsFlat) return { form: "flat", stride: common(inputs) };
  return form === "map" ? { form, stride: scaled(stride, node) } : { form, stride };
}

/** Is this a convolution as large as the map it reads, so that it is a linear layer? */
function convolvesAll(node: Node, shapes: Shapes | null): boolean {
  const from = shapes?.get(node.inputs[0]!)?.slice(2);
  const to = shapes?.get(node.outputs[0]!)?.slice(2);
  if (!isConvolution(node) || !from?.length || !to?.every((size) => size === 1)) return false;
  const isPadded = convAttributes(node).pads?.some((pad) => pad > 0);
  return !isPadded && from.some((size) => size > 1);
}

/** Corrects a place by the shape the runtime inferred. */
function refine(
  place: Place,
  node: Node,
  shape: readonly number[] | undefined,
  image: Image | null,
): Place {
  // A shape of no axes is the runtime's way to say that the rank is unknown.
  if (!shape?.length || !image?.area) return place;
  const { form, stride } = place;
  const inferred = shape.length === image.rank ? strideOfShape(shape, image) : null;
  if (form === "map") return { form, stride: inferred ?? stride };
  if (form === "flat") {
    if (stride === null) return place;
    if (shape.length === 2 && shape[0] === image.batch) return { form: "vector", stride };
    return inferred !== null && Math.abs(inferred / stride - 1) < 0.01
      ? { form: "map", stride }
      : place;
  }
  if (isOp(node, "Gemm") && shape[0] !== image.batch) return { form: "flat", stride };
  const unfolds =
    isOp(node, "Reshape") && inferred !== null && shape.slice(2).some((size) => size > 1);
  return unfolds ? { form: "map", stride: inferred } : place;
}

/** Values that meet element by element or side by side: a map outweighs what is spread over it. */
function join(inputs: readonly Place[]): Place {
  const maps = inputs.filter(({ form }) => form === "map");
  if (maps.length > 0) {
    const known = maps.flatMap(({ stride }) => stride ?? []);
    return {
      form: "map",
      stride: known.length > 0 ? known.reduce((a, b) => Math.min(a, b)) : null,
    };
  }
  const isFlat = inputs.some(({ form }) => form === "flat");
  return isFlat ? { form: "flat", stride: common(inputs) } : inputs[0];
}

/** The stride all of them have; vectors have none of their own. */
function common(inputs: readonly Place[]): number | null {
  const [first, ...others] = inputs.filter(({ form }) => form !== "vector");
  return others.every(({ stride }) => stride === first.stride) ? first.stride : null;
}

function scaled(stride: number | null, node: Node): number | null {
  const factor = windowStride(node);
  return stride === null || factor === null ? null : stride * factor;
}
