import {
  type Convolution,
  constantTensor,
  elementType,
  type FastPathFacts,
  isQuantised,
} from "../../analysis/index.js";
import { isOp, isStandardDomain, type Node, type Value } from "../../graph/index.js";
import { convInputs } from "../../ops/index.js";
import type { DType } from "../../tensor/index.js";
import { product } from "../../util/math.js";
import type { Kind } from "./kind.js";
import type { ElementType, WeightSummary } from "./section.js";

/** What is known of a model beside its layers. */
export interface KindFacts extends Pick<FastPathFacts, "integers"> {
  /** Values the runtime knows before it runs. */
  readonly constants: ReadonlySet<Value>;
}

/** A kind as the graph tells it: any elements, or none it tells of. */
interface Read {
  readonly dataType: DType | undefined;
  readonly weightType: DType | undefined;
  readonly source: WeightSummary["source"];
  /** What the weight is multiplied by, where that is a value of its own. */
  readonly scale?: Value | null;
}

const OPERATORS = ["Conv", "ConvTranspose", "QLinearConv", "ConvInteger"] as const;
const FLOATS: readonly (DType | undefined)[] = ["float32", "float16"];
const INTEGERS: readonly (DType | undefined)[] = ["uint8", "int8"];

/** Operator and elements of a layer, or in a sentence why it is not timed. */
export function kindOf(layer: Convolution, facts: KindFacts): Kind | string {
  const { domain } = layer.node;
  const op = OPERATORS.find((one) => one === layer.op);
  if (!op || !isStandardDomain(domain)) return `${layer.op} of ${domain} is not timed`;
  const { dataType, weightType, source, scale } = read(layer, facts);
  if (source === "computed" && isQuantised(layer))
    return "its weight is quantised in every run, and what the runtime makes of that is not known";
  if (!dataType || !weightType) return "the type of its numbers is not known";
  const isIntegers = INTEGERS.includes(dataType) && INTEGERS.includes(weightType);
  const isFloats = FLOATS.includes(dataType) && weightType === dataType;
  const isMadeFloats = dataType === "float32" && INTEGERS.includes(weightType);
  if (source === "dequantised" ? !isMadeFloats : !isIntegers && !isFloats)
    return `${dataType} with weights of ${weightType} is not timed`;
  const scaleShape = scale ? constantTensor(scale)?.shape : [];
  if (!scaleShape || scaleShape.length > 1)
    return "its weight has scales that are computed, or go by blocks";
  const scales = !scale ? null : product(scaleShape) > 1 ? "channel" : "layer";
  const weight = { dtype: weightType as ElementType, source, scales } as const;
  return { op, dataType: dataType as ElementType, weight };
}

function read(layer: Convolution, { integers, constants }: KindFacts): Read {
  const { node, op, x } = layer;
  const at = convInputs(node);
  const weight = node.inputs[at.weight]!;
  const isKnown = (value: Value) => constants.has(value) && value.graph === node.graph;
  const bias = node.inputs[at.bias];
  const source = isKnown(weight) && (!bias || isKnown(bias)) ? "constant" : "computed";
  if (op === "QLinearConv" || op === "ConvInteger") {
    const zero = node.inputs[2];
    const dataType = elementType(x) ?? (zero ? elementType(zero) : undefined);
    const scale = op === "QLinearConv" ? node.inputs[4] : null;
    return { dataType, weightType: elementType(weight), source, scale };
  }
  const dequantise = weight.producer;
  const codes = isOp(dequantise, "DequantizeLinear") ? codesOf(dequantise) : null;
  if (codes && isKnown(codes.value)) {
    const { dtype: weightType, scale } = codes;
    return integers.has(layer)
      ? { dataType: codesOf(x.producer)?.dtype, weightType, source: "constant", scale }
      : { dataType: elementType(weight), weightType, source: "dequantised", scale };
  }
  const dataType = elementType(weight) ?? elementType(x);
  return { dataType, weightType: dataType, source };
}

/** What a DequantizeLinear makes floats of. */
function codesOf(node: Node | null) {
  const [value, scale] = node?.inputs ?? [];
  return value ? { value, scale, dtype: elementType(value) } : null;
}
