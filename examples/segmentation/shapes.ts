import { Rng, tensor, zeros } from "groupconv";
import type { Dataset } from "groupconv/train";

export const CLASSES = ["background", "disc", "square", "triangle"];
const SIZE = 64;
const AREA = SIZE * SIZE;
const MOST_SHAPES = 3;

/** Whether a point is in a shape of radius 1 around the origin, y downwards. */
const INSIDE: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => x * x + y * y < 1,
  (x, y) => Math.max(Math.abs(x), Math.abs(y)) < 0.8,
  (x, y) => y < 0.7 && Math.abs(x) < (y + 1) / 2,
];

/**
 * Pictures `[3, 64, 64]` of one to three shapes in random colours on noise, and the class of each pixel.
 * Each is drawn when it is asked for, from the seed and its number alone.
 */
export function shapes(size: number, seed: number): Dataset {
  return {
    size,
    example: {
      input: [3, SIZE, SIZE],
      targets: { output: { dtype: "int64", shape: [SIZE, SIZE] } },
    },
    batch(indices) {
      const input = zeros([indices.length, 3, SIZE, SIZE]);
      const labels = new BigInt64Array(indices.length * AREA);
      for (const [i, index] of indices.entries())
        draw(
          new Rng(seed).fork(`shapes ${index}`),
          input.data.subarray(i * 3 * AREA, (i + 1) * 3 * AREA),
          labels.subarray(i * AREA, (i + 1) * AREA),
        );
      return { input, targets: { output: tensor(labels, [indices.length, SIZE, SIZE]) } };
    },
  };
}

function draw(rng: Rng, picture: Float32Array, labels: BigInt64Array): void {
  picture.set(rng.normal([3, SIZE, SIZE], 0, 0.3).data);
  for (let n = rng.integer(1, MOST_SHAPES + 1); n > 0; n--) {
    const kind = rng.integer(0, INSIDE.length);
    const radius = rng.integer(7, 17);
    const [cx, cy] = [rng.integer(8, SIZE - 8), rng.integer(8, SIZE - 8)];
    const colour = rng.uniform([3], 0.5, 1.5).data.map((c) => (rng.float() < 0.5 ? -c : c));
    for (let y = 0; y < SIZE; y++)
      for (let x = 0; x < SIZE; x++) {
        if (!INSIDE[kind]((x - cx) / radius, (y - cy) / radius)) continue;
        const pixel = y * SIZE + x;
        labels[pixel] = BigInt(kind + 1);
        for (const [c, value] of colour.entries()) picture[c * AREA + pixel] += value;
      }
  }
}
