import { join } from "node:path";
import sharp from "sharp";
import { Rng } from "../../../src/tensor/index.js";

const WORDS =
  "river bridge 2024 Coffee open CLOSED exit No. 7 total 18.50 Vienna platform groups of eight please mind the step".split(
    " ",
  );
const FONTS = ["DejaVu Sans", "DejaVu Serif", "DejaVu Sans Mono"];

/** Draws pictures of one line of text each, as a text recogniser gets them. */
export function drawLines(folder: string, count: number): Promise<void> {
  return drawTexts(folder, count, (rng) =>
    rng.shuffle(WORDS).slice(0, rng.integer(2, 5)).join(" "),
  );
}

/** Draws pictures of one word each, two to three times as wide as high. */
export function drawWords(folder: string, count: number): Promise<void> {
  const long = WORDS.filter(({ length }) => length >= 5);
  return drawTexts(folder, count, (rng) => long[rng.integer(0, long.length)]);
}

async function drawTexts(
  folder: string,
  count: number,
  textOf: (rng: Rng) => string,
): Promise<void> {
  const rng = new Rng(11);
  for (let i = 0; i < count; i++) {
    const line = rng.fork(`line ${i}`);
    const text = textOf(line);
    const [paper, ink] = line.float() < 0.3 ? [40, 230] : [line.integer(190, 256), 30];
    const width = 22 * text.length + 40;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="64">
      <rect width="100%" height="100%" fill="rgb(${paper},${paper},${paper - 10})"/>
      <text x="16" y="44" font-size="32" font-family="${FONTS[line.integer(0, 3)]}"
        fill="rgb(${ink},${ink},${ink})">${text}</text></svg>`;
    await sharp(Buffer.from(svg))
      .blur(0.3 + line.float())
      .png()
      .toFile(join(folder, `${String(i).padStart(2, "0")}.png`));
  }
}
