import { printable } from "../util/text.js";

const LONGEST_TEXT = 2000;

/** What GitHub's Markdown would read as more than characters, wherever it stands in a line. */
const SPECIAL =
  /[\\`*_~[\]<>&|$]|@(?=\S)|#(?=\w)|:(?=[\w+-]+:)|:(?=\/\/)|(?<=\bwww)\.|^[-+=#]|(?<=^\d+)[.)](?=\s|$)/gi;

/** Looked for when the Markdown is HTML already, where an entity is its character again. */
const FOUND_IN_HTML = /[@#:]/;
const WORD_JOINER = "&#8288;";

/**
 * A sentence as Markdown that shows it word for word in a paragraph, a list item or a table cell:
 * nothing becomes formatting, HTML, a link, a mention, an issue number, an emoji or a new line.
 */
export function markdownText(text: string): string {
  return printable(text, LONGEST_TEXT)
    .trim()
    .replace(SPECIAL, (c) => entity(c) + (FOUND_IN_HTML.test(c) ? WORD_JOINER : ""));
}

/** A name as inline code that shows it character for character, in a table cell too. */
export function markdownCode(text: string, maxLength = 100): string {
  const shown = printable(text, maxLength);
  if (shown.trim() === "") return "(no name)";
  // A code span takes everything literally but backticks, the end of a table cell, and outer spaces.
  if (!/[`|]|^ | $/.test(shown)) return `\`${shown}\``;
  return `<code>${shown.replace(/[^\p{L}\p{N} /]/gu, entity)}</code>`;
}

function entity(character: string): string {
  return `&#${character.codePointAt(0)};`;
}
