import { printable } from "../../util/text.js";

const LONGEST_TEXT = 4000;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Markup that is safe to put into a page as it stands. Only {@link html} makes it. */
export class Html {
  readonly #markup: string;

  /** @param markup Markup written by us, never text from elsewhere. */
  constructor(markup: string) {
    this.#markup = markup;
  }

  toString(): string {
    return this.#markup;
  }
}

/** What may stand in a hole of a template; null, undefined and false leave it empty. */
export type HtmlValue = string | number | Html | null | undefined | false | readonly HtmlValue[];

/**
 * Markup from a template: what stands in the template is markup, what stands in its holes is text and
 * is escaped, for element content and for attributes in double quotes alike. Control characters and
 * bidirectional overrides become visible.
 */
export function html(markup: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(
    markup.map((part, i) => (i === 0 ? "" : toMarkup(values[i - 1])) + part).join(""),
  );
}

function toMarkup(value: HtmlValue): string {
  if (value === null || value === undefined || value === false) return "";
  if (value instanceof Html) return value.toString();
  if (typeof value === "object") return value.map(toMarkup).join("");
  return printable(String(value), LONGEST_TEXT).replace(/[&<>"']/g, (c) => ENTITIES[c]);
}
