import { isOp, type Model, type Value } from "../../src/graph/index.js";
import { full, type LazyTensor, tensor } from "../../src/tensor/index.js";

/**
 * The model as quantisation tools write it for hardware ("QDQ"): what a convolution or a matrix product reads and
 * writes goes through QuantizeLinear and DequantizeLinear, weights are int8 behind a DequantizeLinear with one
 * scale each output channel. In place; the numbers stand for nothing.
 */
export function quantiseInPlace({ graph }: Model): void {
  const scale = graph.addInitializer(full([], 0.05), "scale");
  const zero = graph.addInitializer(full([], 0, "int8"), "zero");
  const codes = new Map<Value, Value>();
  const node = (op: string, inputs: Value[], at: number, attributes = {}) =>
    graph.addNode(op, inputs, { at, attributes }).outputs[0]!;
  for (const conv of [...graph.nodes]) {
    if (!isOp(conv, "Conv", "ConvTranspose", "Gemm", "MatMul")) continue;
    const [x, weight] = conv.inputs;
    const output = conv.outputs[0]!;
    if (!weight?.initializer || !x) continue;
    const at = () => graph.nodes.indexOf(conv);
    conv.setInput(
      0,
      node("DequantizeLinear", [node("QuantizeLinear", [x, scale, zero], at()), scale, zero], at()),
    );
    let dequantised = codes.get(weight);
    if (!dequantised) {
      const int8 = graph.addInitializer(toInt8(weight.initializer), `${weight.name}_quantized`);
      const axis = conv.op === "ConvTranspose" ? 1 : 0;
      const channels = weight.initializer.shape[axis];
      const scales = graph.addInitializer(full([channels], 0.01), `${weight.name}_scale`);
      const zeros = graph.addInitializer(full([channels], 0, "int8"), `${weight.name}_zero`);
      dequantised = node("DequantizeLinear", [int8, scales, zeros], 0, { axis });
      codes.set(weight, dequantised);
    }
    conv.setInput(1, dequantised);
    if (!graph.outputs.includes(output)) {
      const readers = [...output.uses];
      const q = node("QuantizeLinear", [output, scale, zero], at() + 1);
      const dq = node("DequantizeLinear", [q, scale, zero], at() + 2);
      for (const { node, index } of readers) node.setInput(index, dq);
    }
  }
}

function toInt8(weight: LazyTensor): LazyTensor {
  return {
    dtype: "int8",
    shape: weight.shape,
    byteLength: weight.byteLength / 4,
    load: async () => {
      const floats = new Float32Array((await weight.load()).slice().buffer);
      return tensor(
        Int8Array.from(floats, (w) => (w === 0 ? 0 : Math.sign(w) * 3)),
        weight.shape,
      ).load();
    },
  };
}
