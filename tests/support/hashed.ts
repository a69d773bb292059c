import { type Tensor, tensor } from "../../src/tensor/index.js";
import { product } from "../../src/util/math.js";

/**
 * Numbers from [0, 1) that depend on a name and nothing else: FNV-1a of the name, plus the golden ratio
 * an element, mixed as in MurmurHash3. Python writes the same in
 * src/nn/architectures/fixtures/make_torchvision.py.
 */
export function hashed(
  name: string,
  shape: readonly number[],
  scale: (u: number) => number = (u) => u,
): Tensor<"float32"> {
  let seed = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) seed = Math.imul(seed ^ byte, 0x01000193);
  const data = new Float32Array(product(shape));
  for (let i = 0; i < data.length; i++) {
    let h = (seed + Math.imul(i, 0x9e3779b9)) | 0;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    data[i] = scale(((h ^ (h >>> 16)) >>> 0) / 2 ** 32);
  }
  return tensor(data, shape);
}
