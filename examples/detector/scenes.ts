import { Rng, type Tensor, zeros } from "groupconv";
import type { Dataset } from "groupconv/train";

export const CLASSES = ["disc", "box"];
const SIZE = 96;
const AREA = SIZE * SIZE;
const MOST_THINGS = 3;

/** Levels of the pyramid: pixels a cell, and the largest half size of what is looked for there. */
export const LEVELS = [
  { name: "p3", cell: 8, reach: 12 },
  { name: "p4", cell: 16, reach: 20 },
  { name: "p5", cell: 32, reach: 32 },
] as const;

/** What lies in a picture; sizes are halves of width and height, in pixels. */
interface Thing {
  readonly kind: number;
  readonly size: readonly [number, number];
  readonly centre: readonly [number, number];
}

type Named = Record<string, Tensor<"float32">>;

/**
 * Pictures `[3, 96, 96]` of one to three things on noise. For each level there is `classes_p3`
 * `[2, H, W]`, 1 where a cell is in the middle of a thing of that kind, and `boxes_p3` `[5, H, W]`: from
 * there to the left, upper, right and lower side of its box, in cells, and 1 where there is a box.
 * Source: https://arxiv.org/abs/1904.01355. Each is drawn from the seed and its number alone.
 */
export function scenes(size: number, seed: number): Dataset {
  const shapes = LEVELS.flatMap(({ name, cell }) => {
    const cells = [SIZE / cell, SIZE / cell];
    return [
      [`classes_${name}`, [CLASSES.length, ...cells]],
      [`boxes_${name}`, [5, ...cells]],
    ] as const;
  });
  const specs = shapes.map(([name, shape]) => [name, { dtype: "float32", shape }] as const);
  return {
    size,
    example: { input: [3, SIZE, SIZE], targets: Object.fromEntries(specs) },
    batch(indices) {
      const input = zeros([indices.length, 3, SIZE, SIZE]);
      const targets: Named = Object.fromEntries(
        shapes.map(([name, shape]) => [name, zeros([indices.length, ...shape])]),
      );
      for (const [i, index] of indices.entries()) {
        const rng = new Rng(seed).fork(`scene ${index}`);
        const picture = input.data.subarray(i * 3 * AREA, (i + 1) * 3 * AREA);
        picture.set(rng.normal([3, SIZE, SIZE], 0, 0.3).data);
        for (let n = rng.integer(1, MOST_THINGS + 1); n > 0; n--) {
          const thing = place(rng);
          draw(rng, thing, picture);
          mark(thing, targets, i);
        }
      }
      return { input, targets };
    },
  };
}

function place(rng: Rng): Thing {
  const kind = rng.integer(0, CLASSES.length);
  const width = rng.integer(6, 33);
  const size = [width, kind === 0 ? width : rng.integer(6, 33)] as const;
  return { kind, size, centre: [inside(rng, size[0]), inside(rng, size[1])] };
}

const inside = (rng: Rng, half: number) => rng.integer(half, SIZE - half + 1);

function draw(rng: Rng, { kind, size, centre }: Thing, picture: Float32Array): void {
  const colour = rng.uniform([3], 0.5, 1.5).data.map((c) => (rng.float() < 0.5 ? -c : c));
  for (let i = 0; i < AREA; i++) {
    const x = Math.abs((i % SIZE) + 0.5 - centre[0]) / size[0];
    const y = Math.abs(Math.floor(i / SIZE) + 0.5 - centre[1]) / size[1];
    if (kind === 0 ? x * x + y * y > 1 : Math.max(x, y) > 1) continue;
    for (const [c, value] of colour.entries()) picture[c * AREA + i] += value;
  }
}

function mark({ kind, size, centre }: Thing, targets: Named, example: number): void {
  const { name, cell } = LEVELS.find(({ reach }) => Math.max(...size) <= reach)!;
  const [classes, boxes] = [targets[`classes_${name}`], targets[`boxes_${name}`]];
  const side = SIZE / cell;
  for (let i = 0; i < side * side; i++) {
    const x = ((i % side) + 0.5) * cell - centre[0];
    const y = (Math.floor(i / side) + 0.5) * cell - centre[1];
    const isMiddle =
      Math.abs(x) <= Math.max(cell, size[0]) / 2 && Math.abs(y) <= Math.max(cell, size[1]) / 2;
    if (!isMiddle) continue;
    classes.data[(example * CLASSES.length + kind) * side * side + i] = 1;
    const [left, up, right, down] = [size[0] + x, size[1] + y, size[0] - x, size[1] - y];
    for (const [k, value] of [left / cell, up / cell, right / cell, down / cell, 1].entries())
      boxes.data[(example * 5 + k) * side * side + i] = value;
  }
}
