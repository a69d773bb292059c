import { isShape, type LazyTensor } from "../tensor/index.js";
import { printable } from "../util/text.js";
import type { Attribute } from "./attribute.js";
import { Graph } from "./graph.js";
import { Model } from "./model.js";
import { topologicalOrder } from "./order.js";
import { TextParser } from "./text-parser.js";
import type { Token } from "./text-scanner.js";
import type { GraphSyntax, NodeSyntax, ValueSyntax } from "./text-syntax.js";
import { FilledTensor } from "./text-tensor.js";
import { staticShape, type TensorType } from "./types.js";
import type { Value } from "./value.js";

/**
 * A model written as text, for tests. The syntax is ONNX's own (`onnx.parser`, onnx 1.23), without
 * functions and without types other than tensors:
 *
 *     <ir_version: 8, opset_import: ["" : 17, "com.microsoft" : 1]>
 *     name (float[N, 8, 16, ?] x) => (float[] y)
 *     <float[8, 2, 3, 3] w, int64[2] shape = {1, -1}> {
 *       [conv1] a = Conv<group = 4, pads = [1, 1, 1, 1]>(x, w)   # a comment
 *       b = com.microsoft.FusedMatMul<alpha = 0.5>(a, "")
 *       y = If(b) <then_branch = body () => (z) { z = Relu(a) }, else_branch = ...>
 *     }
 *
 * - The header may be left out: IR version 8, opset 17.
 * - `float` is a scalar, `float[]` has no known rank, `?` is an unknown size. float32 and float64 are
 *   written `float` and `double`; the other types as we name them.
 * - Names that are no identifiers, and graphs or values named like a type, stand in quotes.
 * - Numbers are ints unless they have a point or an exponent, or the attribute says `name: float = 1`.
 * - Elements of 16-bit and 8-bit floats are given as bit patterns.
 *
 * Beyond ONNX's parser: in `<...>`, a name that no node writes is an initializer even without elements,
 * and elements that are not given (or `{}`) are filled with small numbers that follow from the name,
 * when they are loaded. Nodes may stand in any order.
 *
 * @throws FormatError naming line and column.
 * @throws GraphError when the graph has a cycle.
 */
export function parseModel(text: string): Model {
  const parser = new TextParser(text);
  const { header, graph } = parser.model();
  const model = new Model(new GraphBuilder(parser).graph(graph, null));
  model.irVersion = header.irVersion ?? 8;
  for (const [domain, version] of header.opsets ?? [["", 17] as const])
    model.opsets.set(domain, version);
  model.producerName = header.producerName;
  model.producerVersion = header.producerVersion;
  model.domain = header.domain;
  model.modelVersion = header.modelVersion;
  model.docString = header.docString;
  for (const [key, value] of header.metadata ?? []) model.metadata.set(key, value);
  return model;
}

/** Looks up the names. */
class GraphBuilder {
  constructor(readonly parser: TextParser) {}

  graph(syntax: GraphSyntax, parent: Graph | null): Graph {
    const graph = new Graph(parent);
    graph.name = syntax.name;
    for (const { name, type, tensor } of syntax.inputs) {
      this.#checkNew(graph, name);
      graph.addInput(name.text, type).initializer = tensor;
    }
    const outputs = syntax.nodes.map((node) =>
      node.outputs.map((name) => (name.text === "" ? null : this.#newValue(graph, name))),
    );
    for (const value of syntax.values) this.#declare(graph, value);
    syntax.nodes.forEach((node, i) => {
      this.#node(graph, node, outputs[i]);
    });
    for (const { name, type } of syntax.outputs) {
      const value = this.#find(graph, name);
      value.type ??= type;
      graph.outputs.push(value);
    }
    topologicalOrder(graph); // refuses a cycle
    return graph;
  }

  /** What stands in `<...>`: an initializer, or the type of a value that has its source elsewhere. */
  #declare(graph: Graph, { name, type, tensor }: ValueSyntax): void {
    const known = graph.find(name.text);
    const own = known?.graph === graph ? known : undefined;
    if (own && !tensor) {
      own.type ??= type;
    } else if (own && graph.inputs.includes(own) && !own.initializer) {
      own.initializer = tensor;
    } else {
      this.#checkNew(graph, name);
      graph.addInitializer(tensor ?? this.#filled(type, name), name.text);
    }
  }

  #filled(type: TensorType | null, name: Token): LazyTensor {
    const shape = staticShape(type);
    if (type && shape && isShape(shape)) return new FilledTensor(type.dtype, shape, name.text);
    throw this.parser.error(
      name,
      `"${printable(name.text)}" is written by no node, so it is an initializer: its shape must be numbers`,
    );
  }

  #node(graph: Graph, syntax: NodeSyntax, outputs: readonly (Value | null)[]): void {
    const inputs = syntax.inputs.map((name) => (name.text === "" ? null : this.#find(graph, name)));
    const attributes = [...syntax.attributes].map(([name, value]): [string, Attribute] => [
      name,
      "type" in value ? value : { type: "graph", value: this.graph(value, graph) },
    ]);
    graph.addNode(syntax.op, inputs, {
      name: syntax.label,
      domain: syntax.domain,
      outputs,
      attributes: Object.fromEntries(attributes),
    });
  }

  #newValue(graph: Graph, name: Token): Value {
    this.#checkNew(graph, name);
    return graph.newValue(name.text);
  }

  #checkNew(graph: Graph, name: Token): void {
    if (name.text === "") throw this.parser.error(name, "a name is missing");
    if (graph.find(name.text)?.graph === graph)
      throw this.parser.error(name, `"${printable(name.text)}" has a source already`);
  }

  #find(graph: Graph, name: Token): Value {
    const value = graph.find(name.text);
    if (!value) throw this.parser.error(name, `nothing produces "${printable(name.text)}"`);
    return value;
  }
}
