import { constantTensor } from "../../analysis/index.js";
import { attributeOf, type Model, type Node } from "../../graph/index.js";
import { convAttributes, convInputs } from "../../ops/index.js";
import { type PointwiseFit, regroup } from "../../regroup/index.js";
import { readFloat32, Tensor } from "../../tensor/index.js";

/** The convolution of a copy that writes the value of this name. */
export function convolutionAt({ graph }: Model, output: string): Node {
  return graph.find(output)!.producer!;
}

/** Its constant weight. */
export async function weightOf(node: Node): Promise<Tensor<"float32">> {
  const stored = constantTensor(node.inputs[convInputs(node).weight]!)!;
  return new Tensor("float32", stored.shape, await readFloat32(stored));
}

/**
 * Gives a convolution other groups: kernels that both have are kept, others dropped or zero. Whoever else reads
 * its weight keeps it.
 */
export async function setGroups(model: Model, node: Node, groups: number): Promise<void> {
  const weight = regroup(await weightOf(node), convAttributes(node).groups, groups);
  node.setInput(convInputs(node).weight, model.graph.addInitializer(weight));
  node.attributes.set("group", attributeOf(groups));
}

/** Adds a 1x1 convolution of a convolution's input to its output. */
export function addBranch({ graph }: Model, node: Node, { weight, bias }: PointwiseFit): void {
  const { strides } = convAttributes(node);
  const [y] = node.outputs;
  const total = graph.newValue();
  graph.replaceUses(y!, total);
  const inputs = [node.inputs[0]!, graph.addInitializer(pointwise(weight, node))];
  if (bias) inputs.push(graph.addInitializer(bias));
  const [branch] = graph.addNode("Conv", inputs, { attributes: { strides } }).outputs;
  graph.addNode("Add", [y!, branch!], { outputs: [total] });
}

/** `[M, C, 1, 1]` with as many axes as the convolution has. */
function pointwise(
  { shape: [rows, cols], data }: Tensor<"float32">,
  node: Node,
): Tensor<"float32"> {
  const axes = constantTensor(node.inputs[convInputs(node).weight]!)!.shape.length - 2;
  return new Tensor("float32", [rows, cols, ...Array<number>(axes).fill(1)], data);
}
