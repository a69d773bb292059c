import {
  type Graph,
  type Model,
  type Node,
  staticShape,
  topologicalOrder,
  type Value,
} from "../graph/index.js";
import { encodeShapeProbe } from "../onnx/index.js";
import { RuntimeError } from "../util/errors.js";
import { printable } from "../util/text.js";
import { refuseFatal } from "./fatal.js";
import { InferenceSession } from "./ort.js";

/** Shapes of the values of a model's main graph, as the runtime infers them. */
export type Shapes = ReadonlyMap<Value, readonly number[]>;

/**
 * Asks ONNX Runtime for the shape of every value, without reading a weight: it loads the model with its
 * large constants turned into inputs, and infers. Values whose shape depends on data are left out.
 *
 * @param inputShapes Shapes of the graph's inputs by name, for those the file leaves open.
 * @param sizes Numbers in values that a node takes as sizes, by name, where the graph computes them.
 * @throws RuntimeError when the runtime cannot load the model, in its words.
 */
export async function inferShapes(
  model: Model,
  inputShapes: ReadonlyMap<string, readonly number[]> = new Map(),
  sizes: ReadonlyMap<string, readonly number[]> = new Map(),
): Promise<Shapes> {
  refuseFatal(model);
  const bytes = await encodeShapeProbe(model, { inputShapes, sizes });
  let session: InferenceSession;
  try {
    session = await InferenceSession.create(bytes, {
      executionProviders: ["cpu"],
      graphOptimizationLevel: "disabled",
      enableCpuMemArena: false,
      enableMemPattern: false,
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      logSeverityLevel: 4,
    });
  } catch (cause) {
    throw new RuntimeError(`ONNX Runtime cannot load the model: ${reasonOf(cause)}`, { cause });
  }
  try {
    return collect(model.graph, session, inputShapes);
  } finally {
    await session.release();
  }
}

function collect(
  graph: Graph,
  session: InferenceSession,
  inputShapes: ReadonlyMap<string, readonly number[]>,
): Shapes {
  const shapes = new Map<Value, readonly number[]>();
  const inputs = new Set(graph.inputs);
  for (const value of graph.values) {
    const known = value.initializer?.shape ?? inputShapes.get(value.name) ?? constantShape(value);
    const declared = known ?? (inputs.has(value) ? staticShape(value.type) : null);
    if (declared) shapes.set(value, declared);
  }
  const inferred = new Map(
    session.outputMetadata.flatMap((output) =>
      output.isTensor ? [[output.name, output.shape] as const] : [],
    ),
  );
  for (const node of topologicalOrder(graph)) {
    for (const value of node.outputs) {
      const shape = value ? inferred.get(value.name) : undefined;
      if (!value || !shape?.every((dim) => typeof dim === "number" && dim >= 0)) continue;
      if (shape.length > 0 || mayBeScalar(node, shapes)) shapes.set(value, shape as number[]);
    }
  }
  return shapes;
}

/** Their rank is told by the numbers of an input, not by its shape; the input with those numbers. */
const RANK_FROM_DATA: Readonly<Record<string, number>> = {
  Reshape: 1,
  ConstantOfShape: 0,
  Expand: 1,
};

/**
 * The runtime writes an unknown rank as `[]`, as it does a scalar. Where all shapes read are known, and no
 * rank comes from computed numbers, it is a scalar.
 */
function mayBeScalar(node: Node, shapes: Shapes): boolean {
  const source = RANK_FROM_DATA[node.op];
  if (source !== undefined && !node.inputs[source]?.initializer) return false;
  return node.subgraphs.length === 0 && node.inputs.every((input) => !input || shapes.has(input));
}

/** Constant nodes were taken out of the probe when they are large. */
function constantShape(value: Value): readonly number[] | undefined {
  if (value.producer?.op !== "Constant") return undefined;
  const attribute = value.producer.attributes.get("value");
  return attribute?.type === "tensor" ? attribute.value.shape : undefined;
}

/** The runtime's own sentence, without the paths and functions of its source, on one line. */
export function reasonOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  const sentence = text
    .replace(/^.*\[ONNXRuntimeError\] : \d+ : \w+ : /s, "")
    .replace(/\/[\w/.+-]+\.(cc|h):\d+\s+([\w:&*<>~ ]+\([^()]*\)\s*)?/g, "");
  return printable(sentence.replace(/\s+/g, " ").trim(), 400);
}
