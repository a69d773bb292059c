import { expect, it } from "vitest";
import { parseModel } from "../graph/index.js";
import { tensor, zeros } from "../tensor/index.js";
import { RuntimeError } from "../util/errors.js";
import { Session } from "./session.js";

const twice = parseModel(`<ir_version: 8, opset_import: ["" : 17]>
g (float[N] x) => (float[N] y, int64[1] size) {
  y = Add(x, x)
  size = Shape(x)
}`);

it("runs a model and says what it takes and gives", async () => {
  const session = await Session.create(twice);
  expect(session.inputs).toEqual([{ name: "x", dtype: "float32", shape: ["N"] }]);
  expect(session.outputs.map(({ name, dtype }) => [name, dtype])).toEqual([
    ["y", "float32"],
    ["size", "int64"],
  ]);
  const results = await session.run({ x: tensor([1, 2.5], [2]) });
  expect(results).toEqual({ y: tensor([2, 5], [2]), size: tensor([2n], [1]) });
  await session.release();
});

it("writes outputs into memory it is given, and computes no others", async () => {
  const session = await Session.create(twice, { threads: 1, optimisation: "disabled" });
  const y = zeros([2]);
  const results = await session.run({ x: tensor([1, 2.5], [2]) }, { y });
  expect(results.y).toBe(y);
  expect(Object.keys(results)).toEqual(["y"]);
  expect([...y.data]).toEqual([2, 5]);
  const fresh = await session.run({ x: tensor([3], [1]) }, { size: null });
  expect(fresh).toEqual({ size: tensor([1n], [1]) });
  await session.release();
});

it("keeps 16-bit floats as bit patterns", async () => {
  const model = parseModel(`<ir_version: 8, opset_import: ["" : 17]>
    g (float16[2] x) => (float16[2] y) { y = Neg(x) }`);
  const session = await Session.create(model);
  const { y } = await session.run({ x: tensor([1, -2], [2], "float16") });
  expect(y).toEqual(tensor([-1, 2], [2], "float16"));
  expect(y.data).toBeInstanceOf(Uint16Array);
  await session.release();
});

it("says in the runtime's words what it cannot load or run", async () => {
  const broken = parseModel(`<ir_version: 8, opset_import: ["" : 17]>
    g (float[2] x) => (float[2] y) { y = NoSuchOp(x) }`);
  await expect(Session.create(broken)).rejects.toThrow(RuntimeError);
  await expect(Session.create(broken)).rejects.toThrow(/ONNX Runtime cannot load.*NoSuchOp/);

  const session = await Session.create(twice);
  await expect(session.run({ z: tensor([1], [1]) })).rejects.toThrow(
    /ONNX Runtime cannot run the model: .*'?x'? is missing/,
  );
  await session.release();
});
