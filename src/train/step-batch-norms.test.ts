import { expect, it } from "vitest";
import { BatchNorm2d, buildModel, Sequential } from "../nn/index.js";
import { Session } from "../runtime/index.js";
import { Rng } from "../tensor/index.js";
import { exposeBatchStatistics } from "./step-batch-norms.js";

it("two batch norms in a row give what they gave, and the same running statistics", async () => {
  const network = () =>
    new Sequential([new BatchNorm2d(3, { momentum: 0.3 }), new BatchNorm2d(3, { eps: 0.01 })]);
  const build = () => buildModel(network(), { inputShape: [4, 3, 5, 2], mode: "training" });
  const exposed = build();
  exposeBatchStatistics(exposed);
  expect(exposed.graph.outputs.map(({ name }) => name)).toEqual(
    build().graph.outputs.map(({ name }) => name),
  );

  const input = new Rng(1).normal([4, 3, 5, 2], 2, 3);
  const results = [];
  for (const model of [build(), exposed]) {
    const session = await Session.create(model);
    results.push(await session.run({ input }));
    await session.release();
  }
  const [expected, actual] = results;
  for (const [name, { data }] of Object.entries(expected))
    for (const [i, value] of [...data].entries())
      expect(actual[name].data[i], `${name}[${i}]`).toBeCloseTo(Number(value), 5);
});
