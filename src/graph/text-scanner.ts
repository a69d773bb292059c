import { FormatError } from "../util/errors.js";
import { printable } from "../util/text.js";

export interface Token {
  readonly kind: "name" | "string" | "int" | "float" | "mark" | "end";
  /** As it stands, but for strings: without quotes and escapes. */
  readonly text: string;
  /** Where it begins, in UTF-16 units from the start of the text. */
  readonly offset: number;
}

/** Patterns of one repetition each: nested ones run out of stack on a text of millions of letters. */
const SPACE = /\s+|#.*/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /-?\d+(\.\d*)?([eE][+-]?\d+)?|-(inf|infinity|nan)\b/iy;
const QUOTE_OR_ESCAPE = /["\\]/g;
const MARK = /=>|[<>(){}[\],:=.@?]/y;

/** Cuts a text in ONNX's textual syntax into tokens, one ahead. */
export class Scanner {
  #at = 0;
  #next: Token;

  constructor(readonly text: string) {
    this.#next = this.#scan();
  }

  get next(): Token {
    return this.#next;
  }

  take(): Token {
    const token = this.#next;
    this.#next = this.#scan();
    return token;
  }

  /** Is this mark or word next? */
  sees(text: string): boolean {
    return this.#next.text === text && this.#next.kind !== "string";
  }

  /** Takes this mark or word if it is next. */
  takes(text: string): boolean {
    const seen = this.sees(text);
    if (seen) this.take();
    return seen;
  }

  /** @throws FormatError unless this mark or word is next. */
  expect(text: string): Token {
    return this.sees(text) ? this.take() : this.fail(`expected "${text}"`);
  }

  /** @throws FormatError unless a token of this kind is next. */
  expectKind(kind: Token["kind"], what: string): Token {
    return this.#next.kind === kind ? this.take() : this.fail(`expected ${what}`);
  }

  /** @throws FormatError saying what was expected, what is there instead, and where. */
  fail(expected: string): never {
    const { kind, text } = this.#next;
    const found = kind === "end" ? "the end of the text" : `"${printable(text, 40)}"`;
    throw this.error(this.#next, `${expected}, found ${found}`);
  }

  /** An error about the place where a token stands. */
  error(token: Token, message: string): FormatError {
    return this.#errorAt(token.offset, message);
  }

  #errorAt(offset: number, message: string): FormatError {
    const before = this.text.slice(0, offset).split("\n");
    return new FormatError(
      `line ${before.length}, column ${before.at(-1)!.length + 1}: ${message}`,
    );
  }

  #scan(): Token {
    while (this.#match(SPACE));
    const offset = this.#at;
    if (offset === this.text.length) return { kind: "end", text: "", offset };
    if (this.text[offset] === '"') return { kind: "string", text: this.#string(), offset };
    const number = this.#match(NUMBER);
    if (number) {
      const [text, fraction, exponent, special] = number;
      const kind = (fraction ?? exponent ?? special) === undefined ? "int" : "float";
      return { kind, text, offset };
    }
    const name = this.#match(NAME);
    if (name) return { kind: "name", text: name[0], offset };
    const mark = this.#match(MARK);
    if (mark) return { kind: "mark", text: mark[0], offset };
    const character = String.fromCodePoint(this.text.codePointAt(offset)!);
    throw this.#errorAt(offset, `"${printable(character)}" means nothing here`);
  }

  #string(): string {
    const start = this.#at;
    const parts: string[] = [];
    for (let from = start + 1; ; from = this.#at) {
      QUOTE_OR_ESCAPE.lastIndex = from;
      const mark = QUOTE_OR_ESCAPE.exec(this.text);
      if (!mark) throw this.#errorAt(start, "this string has no end");
      parts.push(this.text.slice(from, mark.index));
      this.#at = mark.index + 1;
      if (mark[0] === '"') return parts.join("");
      parts.push(this.text.slice(this.#at, this.#at + 1)); // whatever is escaped stands for itself
      this.#at += 1;
    }
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.text);
    if (match) this.#at = pattern.lastIndex;
    return match;
  }
}
