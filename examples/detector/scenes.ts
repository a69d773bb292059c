import { Rng, type Tensor, zeros } from "groupconv";
import type { Dataset } from "groupconv/train";

export const CLASSES = ["disc", "box"];
const SIZE = 96;
const AREA = SIZE * SIZE;
const MOST_THINGS = 3;

/** Pixels a cell of the map where things are looked for. */
const CELL = 8;
const CELLS = SIZE / CELL;

/** What lies in a picture; sizes are halves of width and height, in pixels. */
interface Thing {
  readonly kind: number;
  readonly size: readonly [number, number];
  readonly centre: readonly [number, number];
}

/**
 * Pictures `[3, 96, 96]` of one to three things on noise; `classes` `[2, 12, 12]`, 1 where a cell is in the
 * middle of a thing of that kind; and `boxes` `[5, 12, 12]`: from there to the left, upper, right and lower
 * side of its box, in cells, and 1 where there is a box (https://arxiv.org/abs/1904.01355). Each is drawn
 * when it is asked for, from the seed and its number alone.
 */
export function scenes(size: number, seed: number): Dataset {
  const spec = (channels: number) =>
    ({ dtype: "float32", shape: [channels, CELLS, CELLS] }) as const;
  return {
    size,
    example: {
      input: [3, SIZE, SIZE],
      targets: { classes: spec(CLASSES.length), boxes: spec(5) },
    },
    batch(indices) {
      const input = zeros([indices.length, 3, SIZE, SIZE]);
      const classes = zeros([indices.length, CLASSES.length, CELLS, CELLS]);
      const boxes = zeros([indices.length, 5, CELLS, CELLS]);
      for (const [i, index] of indices.entries()) {
        const rng = new Rng(seed).fork(`scene ${index}`);
        const picture = part(input, i);
        picture.set(rng.normal([3, SIZE, SIZE], 0, 0.3).data);
        for (let n = rng.integer(1, MOST_THINGS + 1); n > 0; n--) {
          const thing = place(rng);
          draw(rng, thing, picture);
          mark(thing, part(classes, i), part(boxes, i));
        }
      }
      return { input, targets: { classes, boxes } };
    },
  };
}

/** What one example has of a batch. */
function part({ data, shape }: Tensor<"float32">, example: number): Float32Array {
  const length = data.length / shape[0];
  return data.subarray(example * length, (example + 1) * length);
}

function place(rng: Rng): Thing {
  const kind = rng.integer(0, CLASSES.length);
  const width = rng.integer(6, 33);
  const size = [width, kind === 0 ? width : rng.integer(6, 33)] as const;
  const inside = (half: number) => rng.integer(half, SIZE - half + 1);
  return { kind, size, centre: [inside(size[0]), inside(size[1])] };
}

function draw(rng: Rng, { kind, size, centre }: Thing, picture: Float32Array): void {
  const colour = rng.uniform([3], 0.5, 1.5).data.map((c) => (rng.float() < 0.5 ? -c : c));
  for (let i = 0; i < AREA; i++) {
    const x = Math.abs((i % SIZE) + 0.5 - centre[0]) / size[0];
    const y = Math.abs(Math.floor(i / SIZE) + 0.5 - centre[1]) / size[1];
    if (kind === 0 ? x * x + y * y > 1 : Math.max(x, y) > 1) continue;
    for (const [c, value] of colour.entries()) picture[c * AREA + i] += value;
  }
}

function mark({ kind, size, centre }: Thing, classes: Float32Array, boxes: Float32Array): void {
  const [reachX, reachY] = size.map((half) => Math.max(CELL, half) / 2);
  for (let i = 0; i < CELLS * CELLS; i++) {
    const x = ((i % CELLS) + 0.5) * CELL - centre[0];
    const y = (Math.floor(i / CELLS) + 0.5) * CELL - centre[1];
    if (Math.abs(x) > reachX || Math.abs(y) > reachY) continue;
    for (const k of CLASSES.keys()) classes[k * CELLS * CELLS + i] = k === kind ? 1 : 0;
    const sides = [size[0] + x, size[1] + y, size[0] - x, size[1] - y];
    for (const [k, pixels] of sides.entries()) boxes[k * CELLS * CELLS + i] = pixels / CELL;
    boxes[4 * CELLS * CELLS + i] = 1;
  }
}
