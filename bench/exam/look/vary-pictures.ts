import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { Rng } from "../../../src/tensor/index.js";

/** Writes `count` pictures cut from those of a folder, in their order over and over, half of them mirrored. */
export async function varyPictures(from: string, to: string, count: number): Promise<void> {
  mkdirSync(to, { recursive: true });
  const rng = new Rng(12);
  const names = readdirSync(from).sort();
  for (let i = 0; i < count; i++) {
    const one = rng.fork(`picture ${i}`);
    const path = join(from, names[i % names.length]);
    const { width, height } = await sharp(path).metadata();
    const cut = (length: number) => {
      const size = Math.ceil(length * (0.6 + 0.4 * one.float()));
      return [size, one.integer(0, length - size + 1)];
    };
    const [[w, left], [h, top]] = [cut(width), cut(height)];
    const picture = sharp(path).extract({ left, top, width: w, height: h });
    await picture.flop(one.float() < 0.5).toFile(join(to, `${String(i).padStart(3, "0")}.png`));
  }
}
