import { expect, it } from "vitest";
import { writeAndRun } from "../../../tests/support/write-and-run.js";
import { tensor } from "../../tensor/index.js";
import { UsageError } from "../../util/errors.js";
import { crossEntropy, dice, type Loss, l1, mse, sumOf } from "./index.js";

it("adds losses up", async () => {
  const [x, t] = [tensor([1, 5], [1, 2]), tensor([2, 2], [1, 2])];
  const lossOf = async (loss: Loss) => {
    const run = writeAndRun({ x, t }, (g, values) => loss.write(g, values.x, values.t, x.shape));
    return [...(await run).data];
  };
  // mse: (1 + 9) / 2 = 5, l1: (1 + 3) / 2 = 2
  expect(await lossOf(sumOf(mse(), l1()))).toEqual([7]);
  expect(await lossOf(sumOf(mse()))).toEqual([5]);
});

it("has the targets that its losses have in common", () => {
  const loss = sumOf(dice(), crossEntropy());
  expect(loss.name).toBe("dice + crossEntropy");
  expect(loss.target([8, 3, 4, 4])).toEqual({ dtype: "int64", shape: [8, 4, 4], classes: 3 });
  expect(() => sumOf(crossEntropy(), mse()).target([8, 3])).toThrow(
    "sumOf: mse takes targets float32 [8,3], crossEntropy int64 [8]",
  );
  expect(() => sumOf()).toThrow(UsageError);
});
