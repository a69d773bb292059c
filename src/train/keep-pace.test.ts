import { expect, it } from "vitest";
import { runNetwork } from "../../tests/support/run-model.js";
import {
  BatchNorm2d,
  type Module,
  ReLU,
  Residual,
  Sequential,
  TunableGroupConv,
} from "../nn/index.js";
import { maxDifference, Rng } from "../tensor/index.js";
import { keepPace } from "./keep-pace.js";
import { initialState, putState, type State } from "./state.js";
import { tunableLayers } from "./tunable-layers.js";

const inputShape = [8, 6, 6];
const input = new Rng(4).normal([4, ...inputShape]);

/** The layer has 4 groups and had `from` ones; what became of the state. */
async function kept(network: Module, layer: string, from: number, extra: State = new Map()) {
  const state = await initialState(network, [1, ...inputShape], 3);
  for (const [name, value] of extra) state.set(name, value);
  const before = new Map(state);
  const outputOf = (values: State) => {
    putState(network, values, { average: false });
    return runNetwork(network, input);
  };
  const old = await outputOf(before);
  const module = tunableLayers(network).get(layer)!;
  keepPace(network, state, [{ name: layer, module, from }], inputShape);
  const difference = maxDifference((await outputOf(state)).data, old.data);
  const ratio = (name: string) => state.get(name)!.data[0] / before.get(name)!.data[0];
  return { difference, ratio, state, before };
}

const tunable = (options = {}) => new TunableGroupConv(8, 8, { groups: 4, ...options });

it("lowers the scale of a layer that a batch norm reads, and computes the same", async () => {
  const network = new Sequential([tunable(), new BatchNorm2d(8), new ReLU()]);
  const statistics: State = new Map([
    ["1.running_mean", new Rng(1).uniform([8], -1, 1)],
    ["1.running_var", new Rng(2).uniform([8], 1, 2)],
    ["0.conv.bias", new Rng(5).uniform([8], -1, 1)],
    ["0.aux_conv.bias", new Rng(6).uniform([8], -1, 1)],
    ["0.conv.weight#average", new Rng(3).uniform([8, 2, 3, 3], 1, 2)],
    ["0.conv.weight#momentum", new Rng(3).uniform([8, 2, 3, 3], 1, 2)],
  ]);
  const { difference, ratio, state, before } = await kept(network, "0", 1, statistics);
  // Of each input channel 9 taps, and now 9 / 4; the branch 0.3 squared as ever.
  const scale = Math.sqrt((9 / 4 + 0.09) / (9 + 0.09));
  const scaled = ["conv.weight", "conv.bias", "aux_conv.weight", "aux_conv.bias"].map(
    (n) => `0.${n}`,
  );
  for (const name of [...scaled, "0.conv.weight#average", "1.running_mean"])
    expect(ratio(name)).toBeCloseTo(scale, 6);
  expect(ratio("1.running_var")).toBeCloseTo(scale ** 2, 6);
  for (const name of ["0.conv.weight#momentum", "1.weight", "1.bias"])
    expect(state.get(name)).toBe(before.get(name));
  expect(difference).toBeLessThan(1e-4);
});

it.each<[string, string, Module]>([
  ["no norm", "0", new Sequential([tunable(), new ReLU(), new BatchNorm2d(8)])],
  ["another reader", "0.body", new Sequential([new Residual(tunable()), new BatchNorm2d(8)])],
  ["nothing behind it", "", tunable()],
])("leaves a layer as it is that has %s", async (_what, layer, network) => {
  const { state, before } = await kept(network, layer, 1);
  expect([...state]).toEqual([...before]);
});

it("leaves a layer as it is whose norm counts elsewhere too", async () => {
  const norm = new BatchNorm2d(8);
  const { state, before } = await kept(new Sequential([norm, tunable(), norm]), "1", 1);
  expect([...state]).toEqual([...before]);
});
