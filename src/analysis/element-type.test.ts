import { expect, it } from "vitest";
import { parseModel } from "../graph/index.js";
import { elementType } from "./element-type.js";

const { graph } = parseModel(`<ir_version: 10, opset_import: ["" : 21]>
net (float16[1, 4, 8, 8] x) => (y) <float[4, 4, 1, 1] w, float16 h, float s, int8 z, int8[4, 4, 1, 1] c> {
  conv = Conv(x, c)
  relu = Relu(conv)
  cast = Cast<to = 1>(c)
  codes = QuantizeLinear(relu, s)
  signed = QuantizeLinear(relu, s, z)
  wide = QuantizeLinear<output_dtype = 4>(relu, s)
  floats = DequantizeLinear(c, s, z)
  halves = DequantizeLinear(c, h, z)
  q, scale, zero = DynamicQuantizeLinear(cast)
  y = NonZero(relu)
  joined = Concat<axis = 0>(w, w)
}`);

it.each([
  ["relu", "float16"],
  ["cast", "float32"],
  ["codes", "uint8"],
  ["signed", "int8"],
  ["wide", "uint16"],
  ["floats", "float32"],
  ["halves", "float16"],
  ["q", "uint8"],
  ["scale", "float32"],
  ["zero", "uint8"],
  ["joined", "float32"],
  ["y", undefined], // always int64, which is not known here
])("%s has elements of %s", (name, dtype) => {
  expect(elementType(graph.find(name)!)).toBe(dtype);
});
