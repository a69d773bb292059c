/** Words for people; imports nothing. */

/** Longer words are not names anybody mistyped. */
const LONGEST_WORD = 64;

/**
 * The candidate nearest in spelling, or undefined when none is near: at most two letters differ, or a
 * third of a long word's, and never more than half of them.
 */
export function nearestWord(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > LONGEST_WORD) return undefined;
  let best: string | undefined;
  let bestDistance =
    1 + Math.min(Math.floor(word.length / 2), Math.max(2, Math.floor(word.length / 3)));
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** Levenshtein distance: insertions, deletions and substitutions, one each. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return row[b.length];
}

/**
 * Text from a file, safe to print: control and formatting characters (terminal escapes,
 * bidirectional overrides) become visible `\u{...}`, and text of more than `maxLength` characters is cut
 * in the middle.
 */
export function printable(text: string, maxLength = 200): string {
  if (text.length <= maxLength && !NEEDS_ESCAPE.test(text)) return text;
  // Only the ends can be shown: the middle of a text of gigabytes is never looked at.
  const ends =
    text.length <= 4 * maxLength ? text : text.slice(0, 2 * maxLength) + text.slice(-2 * maxLength);
  const shown = Array.from(ends, (c) =>
    NEEDS_ESCAPE.test(c) ? `\\u{${c.codePointAt(0)!.toString(16)}}` : c,
  );
  const length = shown.reduce((total, piece) => total + piece.length, 0);
  if (length <= maxLength) return shown.join("");
  const half = Math.floor((maxLength - 1) / 2);
  return [...head(shown, half), "…", ...head(shown.reverse(), half).reverse()].join("");
}

const NEEDS_ESCAPE = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]/u;

/** As many whole pieces from the start as fit into `maxLength` characters. */
function head(pieces: readonly string[], maxLength: number): string[] {
  let length = 0;
  const end = pieces.findIndex((piece) => {
    length += piece.length;
    return length > maxLength;
  });
  return pieces.slice(0, end);
}

/** `1 finding`, `2 findings`. */
export function count(n: number, noun: string, plural = `${noun}s`): string {
  return `${n} ${n === 1 ? noun : plural}`;
}
