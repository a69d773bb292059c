import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { runModel, runNetwork } from "../../tests/support/run-model.js";
import { temporaryFolder } from "../../tests/support/temporary-folder.js";
import { readModelFile } from "../files/index.js";
import { BatchNorm2d, Conv2d, Dropout, loadStateDict, Sequential, stateDict } from "../nn/index.js";
import { Rng, readSafetensors, tensor } from "../tensor/index.js";
import { bytesSource } from "../util/byte-source.js";
import { saveNetwork } from "./save-network.node.js";

const at = temporaryFolder();
const network = () =>
  new Sequential({
    conv: new Conv2d(2, 4, 3, { groups: 2 }),
    bn: new BatchNorm2d(4),
    drop: new Dropout(),
  });
const inputShape = ["N", 2, 5, 5];
const x = new Rng(2).normal([3, 2, 5, 5]);

it("writes a model that computes what the network does, for any batch", async () => {
  const net = network();
  stateDict(net).get("bn.running_mean")!.value = tensor([1, 2, 3, 4], [4]);
  await saveNetwork(at("net.onnx"), net, { inputShape });
  const { output } = await runModel(await readModelFile(at("net.onnx")), x);
  expect([...output.data]).toEqual([...(await runNetwork(net, x)).data]);
});

it("writes values that another network takes under their names", async () => {
  const [net, other] = [network(), network()];
  await saveNetwork(at("net.safetensors"), net, { inputShape });
  const { tensors } = await readSafetensors(bytesSource(readFileSync(at("net.safetensors"))));
  expect([...tensors.keys()].sort()).toEqual([
    ...["bn.bias", "bn.running_mean", "bn.running_var", "bn.weight", "conv.bias", "conv.weight"],
  ]);
  loadStateDict(other, tensors);
  const [a, b] = [await runNetwork(net, x), await runNetwork(other, x, { seed: 9 })];
  expect([...b.data]).toEqual([...a.data]);
});

it("takes the place of an older one, and knows two endings", async () => {
  for (const name of ["net.onnx", "net.safetensors"]) {
    writeFileSync(at(name), "old");
    await saveNetwork(at(name), network(), { inputShape });
    expect(readFileSync(at(name)).length).toBeGreaterThan(100);
  }
  await expect(saveNetwork(at("net.pt"), network(), { inputShape })).rejects.toThrow(
    /net\.pt" must end with \.onnx or \.safetensors/,
  );
  expect(readdirSync(at()).sort()).toEqual(["net.onnx", "net.safetensors"]);
});
