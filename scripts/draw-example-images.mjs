// Draws the pictures of examples/images: signs, receipts, labels and pages with text on them, as a text
// detector meets them. The letters come from the fonts of the machine: node scripts/draw-example-images.mjs
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import sharp from "sharp";

const folder = fileURLToPath(new URL("../examples/images/", import.meta.url));

const text = (x, y, size, words, more = "") =>
  `<text x="${x}" y="${y}" font-size="${size}" font-family="DejaVu Sans, sans-serif" ${more}>${words}</text>`;
const mono = 'xml:space="preserve" style="font-family: DejaVu Sans Mono, monospace"';
const serif = 'style="font-family: DejaVu Serif, serif"';
const lines = (x, y, size, step, all, more) =>
  all.map((words, i) => text(x, y + i * step, size, words, more)).join("");
const gradient = (id, from, to) =>
  `<linearGradient id="${id}" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="${from}"/><stop offset="1" stop-color="${to}"/></linearGradient>`;

/** Name, width, height, drawing. */
const pictures = [
  [
    "street-sign.jpg",
    480,
    320,
    `
    <defs>${gradient("sky", "#9cc4e8", "#e8f0f4")}</defs><rect width="480" height="320" fill="url(#sky)"/>
    <rect y="240" width="480" height="80" fill="#7a8a6a"/><rect x="226" y="120" width="14" height="200" fill="#777"/>
    <g transform="rotate(-4 240 110)"><rect x="70" y="70" width="340" height="84" rx="10" fill="#1b5e2b" stroke="#fff" stroke-width="5"/>
    ${text(88, 126, 38, "Harbour Street", 'fill="#fff" font-weight="bold"')}</g>`,
  ],
  [
    "receipt.png",
    320,
    480,
    `
    <rect width="320" height="480" fill="#3c3c44"/><g transform="rotate(3 160 240)"><rect x="40" y="20" width="240" height="440" fill="#faf8f2"/>
    ${text(70, 66, 21, "CORNER SHOP", 'font-weight="bold"')}
    ${lines(58, 110, 14, 26, ["Bread        2.40", "Milk 1 l     1.15", "Apples 1 kg  3.20", "Coffee       5.90", "Paper        0.85", "Batteries    4.49"], mono)}
    ${text(60, 300, 20, "TOTAL       17.99", `${mono} font-weight="bold"`)}
    ${lines(60, 350, 13, 20, ["2024-03-18  17:42", "CARD **** 0071", "THANK YOU"], mono)}</g>`,
  ],
  [
    "book-page.png",
    400,
    480,
    `
    <rect width="400" height="480" fill="#f3ead7"/>${text(120, 60, 26, "Chapter Nine", serif)}
    ${lines(40, 110, 15, 23, ["The channels of a river part and meet", "again where the valley widens. What", "one arm carries the other will never", "see, unless the banks give way. So it", "was that spring, when the water rose", "above the old stone bridge, and every", "boat in the village was wanted at once.", "", "Nobody had counted on the rain. It came", "down in the night, without a sound, and", "by the morning the fields were gone.", "We stood on the roof of the mill and", "looked at a lake with trees in it."], serif)}
    ${text(190, 450, 13, "117", serif)}`,
  ],
  [
    "bottle-label.jpg",
    320,
    400,
    `
    <defs>${gradient("glass", "#16351f", "#2f6b3f")}</defs><rect width="320" height="400" fill="#d9d4cc"/>
    <rect x="80" y="-20" width="160" height="440" rx="30" fill="url(#glass)"/><rect x="88" y="120" width="144" height="190" fill="#f6efdc"/>
    ${text(104, 166, 26, "OLIVE", `${serif} fill="#5a4a1a" font-weight="bold"`)}${text(140, 198, 26, "OIL", `${serif} fill="#5a4a1a"`)}
    ${text(112, 240, 13, "extra virgin")}${text(118, 264, 13, "cold pressed")}${text(124, 294, 16, "500 ml", 'font-weight="bold"')}`,
  ],
  [
    "screen.png",
    480,
    320,
    `
    <rect width="480" height="320" fill="#1e1f29"/><rect width="480" height="28" fill="#333646"/>
    ${text(180, 20, 14, "settings.json", 'fill="#ccc"')}
    ${lines(24, 64, 15, 26, ["{", '  "groups": 8,', '  "channels": 128,', '  "stride": [2, 2],', '  "bias": false', "}"], `${mono} fill="#8be9a8"`)}
    ${text(24, 296, 13, "Ln 4, Col 21   UTF-8", 'fill="#999"')}`,
  ],
  [
    "licence-plate.jpg",
    400,
    240,
    `
    <rect width="400" height="240" fill="#7d1f24"/><rect y="170" width="400" height="70" fill="#242424"/>
    <g transform="rotate(2 200 120)"><rect x="60" y="80" width="280" height="70" rx="8" fill="#f4f4ee" stroke="#222" stroke-width="4"/>
    <rect x="62" y="82" width="30" height="66" fill="#2347a0"/>${text(104, 131, 42, "GC 40 71", 'font-weight="bold"')}</g>`,
  ],
  [
    "poster.jpg",
    360,
    480,
    `
    <defs>${gradient("night", "#2b1055", "#c86b3c")}</defs><rect width="360" height="480" fill="url(#night)"/>
    <circle cx="270" cy="120" r="60" fill="#ffd27a" opacity="0.8"/>
    ${text(36, 240, 54, "JAZZ", 'fill="#fff" font-weight="bold"')}${text(36, 300, 40, "in the Park", 'fill="#ffe8c0"')}
    ${text(36, 360, 22, "Saturday, 14 June", 'fill="#fff"')}${text(36, 392, 22, "8 pm, free entry", 'fill="#fff"')}`,
  ],
  [
    "whiteboard.png",
    480,
    320,
    `
    <rect width="480" height="320" fill="#f7f9fa"/><rect width="480" height="320" fill="none" stroke="#9aa" stroke-width="14"/>
    <g transform="rotate(-2 240 160)">${text(50, 80, 32, "To do", 'fill="#b22" font-style="italic"')}
    ${lines(60, 130, 24, 42, ["1. order cables", "2. call the lab", "3. measure again!"], 'fill="#246" font-style="italic"')}</g>
    <path d="M330 230 l40 -60 l30 40 l40 -80" stroke="#2a2" stroke-width="4" fill="none"/>`,
  ],
  [
    "ticket.png",
    480,
    220,
    `
    <rect width="480" height="220" fill="#cfd6da"/><rect x="20" y="30" width="440" height="160" rx="12" fill="#fffdf4"/>
    <line x1="340" y1="36" x2="340" y2="184" stroke="#999" stroke-dasharray="6 6" stroke-width="2"/>
    ${text(40, 76, 26, "Night Train 295", 'font-weight="bold"')}${text(40, 116, 18, "Vienna 20:10 - Rome 09:05")}
    ${text(40, 152, 18, "Coach 12   Seat 61")}${text(360, 100, 22, "No. 0415", "")}${text(360, 140, 22, "89.00")}`,
  ],
  [
    "small-print.jpg",
    480,
    360,
    `
    <rect width="480" height="360" fill="#fff"/>
    ${lines(
      20,
      30,
      10,
      14,
      Array.from(
        { length: 22 },
        (_, i) =>
          `§ ${i + 1}  The holder of this card accepts that section ${i + 3} applies as amended, in every case.`,
      ),
    )}`,
  ],
  [
    "shop-window.jpg",
    480,
    320,
    `
    <defs>${gradient("wall", "#b98f6a", "#6e4f38")}</defs><rect width="480" height="320" fill="url(#wall)"/>
    <rect x="50" y="90" width="380" height="200" fill="#223344"/><rect x="50" y="30" width="380" height="54" fill="#e8d9b0"/>
    ${text(120, 70, 34, "BAKERY", 'letter-spacing="14" font-weight="bold" fill="#6a2b16"')}
    ${text(90, 160, 26, "fresh bread", 'fill="#ffe" opacity="0.9"')}${text(90, 200, 26, "from 6 am", 'fill="#ffe" opacity="0.9"')}
    <circle cx="360" cy="230" r="40" fill="#c99a4a"/><circle cx="310" cy="250" r="28" fill="#b5813a"/>`,
  ],
  [
    "landscape.jpg",
    480,
    320,
    `
    <defs>${gradient("dusk", "#f7c98b", "#6a8fb8")}</defs><rect width="480" height="320" fill="url(#dusk)"/>
    <path d="M0 220 L90 120 L170 210 L260 90 L380 220 L480 150 L480 320 L0 320 Z" fill="#53606e"/>
    <path d="M0 260 Q120 220 240 262 T480 250 L480 320 L0 320 Z" fill="#3d5a3a"/><circle cx="390" cy="80" r="26" fill="#fff1d0"/>`,
  ],
];

mkdirSync(folder, { recursive: true });
for (const [name, width, height, drawing] of pictures) {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${drawing}</svg>`;
  const picture = sharp(Buffer.from(svg)).removeAlpha();
  await (name.endsWith(".png")
    ? picture.png({ palette: true, colours: 64 })
    : picture.jpeg({ quality: 70 })
  ).toFile(folder + name);
}
