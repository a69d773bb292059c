/** How much room text takes in a terminal, whose columns are half as wide as a Chinese character. */

/**
 * East Asian Wide and Fullwidth (Unicode UAX #11), and emoji that are pictures by default; the letters
 * of flags come in twos, so each takes one column.
 */
const WIDE =
  /[\u1100-\u115e\u2329\u232a\u2630-\u2637\u268a-\u268f\u2e80-\u303e\u3041-\u3247\u3250-\ua4c6\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{16ff6}\u{17000}-\u{18df2}\u{1aff0}-\u{1b2fb}\u{1d300}-\u{1d376}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}]|(?![\u{1f1e6}-\u{1f1ff}])\p{Emoji_Presentation}/u;

/** Marks drawn over the character before them, and the fillers of Hangul. */
const WITHOUT_WIDTH = /[\p{Mn}\p{Me}\u115f\u1160\u3164\uffa0]/u;

/** Columns of a printable text without colours. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += columns(character);
  return width;
}

/**
 * At most `width` columns. What is too long loses its middle; a third of the rest is its start, two
 * thirds its end, where the names of layers differ most.
 */
export function shorten(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  const room = Math.max(0, width - 1);
  const characters = [...text];
  const start = take(characters, Math.floor(room / 3));
  const end = take(characters.toReversed(), Math.ceil((2 * room) / 3)).reverse();
  return [...start, "…", ...end].join("");
}

/**
 * Lines of at most `width` columns, broken between words; a word that is longer than a line is broken
 * where the line ends. Never empty.
 */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const joined = line === "" ? word : `${line} ${word}`;
    if (displayWidth(joined) <= width) {
      line = joined;
      continue;
    }
    if (line !== "") lines.push(line);
    const pieces = breakWord(word, width);
    lines.push(...pieces.slice(0, -1));
    line = pieces.at(-1)!;
  }
  lines.push(line);
  return lines;
}

function columns(character: string): number {
  if (WITHOUT_WIDTH.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** As many characters from the start as fit into `width` columns. */
function take(characters: readonly string[], width: number): string[] {
  let used = 0;
  const end = characters.findIndex((character) => {
    used += columns(character);
    return used > width;
  });
  return end === -1 ? [...characters] : characters.slice(0, end);
}

function breakWord(word: string, width: number): string[] {
  const pieces: string[] = [];
  let rest = [...word];
  while (rest.length > 0) {
    const piece = take(rest, width);
    // A line narrower than one character still takes one.
    const length = Math.max(1, piece.length);
    pieces.push(rest.slice(0, length).join(""));
    rest = rest.slice(length);
  }
  return pieces.length === 0 ? [""] : pieces;
}
