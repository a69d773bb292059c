import type { Attribute, Graph, Model, Node, Value } from "../../src/graph/index.js";
import { FileTensor } from "../../src/onnx/index.js";
import type { LazyTensor } from "../../src/tensor/index.js";

/**
 * Everything a model means, as plain data: two models are the same exactly when these are equal. Nodes
 * stand in the graph's order, elements as hexadecimal digits.
 */
export async function describeModel(model: Model): Promise<unknown> {
  return {
    irVersion: model.irVersion,
    opsets: [...model.opsets],
    producer: [model.producerName, model.producerVersion],
    domain: model.domain,
    modelVersion: model.modelVersion,
    docString: model.docString,
    metadata: [...model.metadata],
    graph: await describeGraph(model.graph),
    functions: await Promise.all(
      model.functions.map(async ({ body, opsets, attributeDefaults, ...rest }) => ({
        ...rest,
        carry: undefined,
        body: await describeGraph(body),
        opsets: [...opsets],
        attributeDefaults: await attributes(attributeDefaults),
      })),
    ),
  };
}

export async function describeGraph(graph: Graph): Promise<unknown> {
  const nodes: unknown[] = [];
  for (const node of graph.nodes) nodes.push(await describeNode(node));
  const initializers: unknown[] = [];
  for (const value of graph.initializers)
    initializers.push([value.name, await describeTensor(value.initializer!)]);
  return {
    name: graph.name,
    docString: graph.docString,
    metadata: [...graph.metadata],
    inputs: graph.inputs.map(describeValue),
    outputs: graph.outputs.map(describeValue),
    types: [...graph.values].map(describeValue).sort(([a], [b]) => (a < b ? -1 : 1)),
    initializers,
    nodes,
  };
}

function describeValue(value: Value): [string, unknown] {
  return [value.name, value.type];
}

async function describeNode(node: Node): Promise<unknown> {
  return {
    name: node.name,
    op: node.op,
    domain: node.domain,
    docString: node.docString,
    metadata: [...node.metadata],
    inputs: node.inputs.map((value) => value && [value.name, value.graph === node.graph]),
    outputs: node.outputs.map((value) => value?.name ?? null),
    attributes: await attributes(node.attributes),
  };
}

function attributes(map: ReadonlyMap<string, Attribute>): Promise<unknown[]> {
  return Promise.all([...map].map(async ([name, value]) => [name, await describeAttribute(value)]));
}

async function describeAttribute({ type, value }: Attribute): Promise<unknown> {
  switch (type) {
    case "tensor":
      return { type, value: await describeTensor(value) };
    case "tensors":
      return { type, value: await Promise.all(value.map(describeTensor)) };
    case "graph":
      return { type, value: await describeGraph(value) };
    case "graphs":
      return { type, value: await Promise.all(value.map(describeGraph)) };
    default:
      return { type, value };
  }
}

async function describeTensor(tensor: LazyTensor): Promise<unknown> {
  const { dtype, shape } = tensor;
  if (tensor instanceof FileTensor && dtype === "string")
    return { dtype, shape, strings: tensor.strings() };
  return { dtype, shape: [...shape], bytes: hex(await tensor.load()) };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
}
