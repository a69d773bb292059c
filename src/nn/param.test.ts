import { expect, it } from "vitest";
import { tensor, zeros } from "../tensor/index.js";
import { ShapeError } from "../util/errors.js";
import { constant } from "./init.js";
import { Param } from "./param.js";

it("takes a float32 value of its shape, and lets it go", () => {
  const param = new Param([2, 1], constant(0));
  expect(param.value).toBeNull();
  const value = tensor([1, 2], [2, 1]);
  param.value = value;
  expect(param.value).toBe(value);
  param.value = null;
  expect(param.value).toBeNull();
});

it("keeps its value when it refuses another", () => {
  const param = new Param([2, 1], constant(0));
  const value = tensor([1, 2], [2, 1]);
  param.value = value;
  const put = (wrong: ReturnType<typeof zeros>) => () => {
    param.value = wrong;
  };
  expect(put(zeros([1, 2]))).toThrow(ShapeError);
  expect(put(zeros([1, 2]))).toThrow("Param: value=float32 [1,2] must be float32 [2,1]");
  expect(() => param.check(zeros([2, 1], "float16"), "fc.weight")).toThrow(
    "fc.weight: value=float16 [2,1] must be float32 [2,1]",
  );
  expect(param.value).toBe(value);
});
