import { UsageError } from "../util/errors.js";
import { nearestWord, printable } from "../util/text.js";

/** Parsers of flag values. What they throw is shown behind the flag's name. */

/** `x=1,3,640,640` names an input of the model and its shape. */
export function parseInputShape(text: string): [name: string, shape: number[]] {
  const at = text.lastIndexOf("=");
  const shape = text
    .slice(at + 1)
    .split(/[,x]/)
    .map((part) => (/^\d+$/.test(part.trim()) ? Number(part) : Number.NaN));
  if (at < 1 || shape.some((dim) => !Number.isSafeInteger(dim) || dim < 1))
    throw new UsageError(`"${printable(text)}" is not NAME=SIZE,SIZE,... such as x=1,3,640,640`);
  return [text.slice(0, at), shape];
}

/** A whole number from 1. */
export function parseCount(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number) || number < 1)
    throw new UsageError(`"${printable(text)}" is not a whole number from 1`);
  return number;
}

/** A number greater than 0. */
export function parsePositive(text: string): number {
  const number = Number(text);
  if (text.trim() === "" || !(number > 0 && Number.isFinite(number)))
    throw new UsageError(`"${printable(text)}" is not a number greater than 0`);
  return number;
}

/** A whole number from 0. */
export function parseWhole(text: string): number {
  return text === "0" ? 0 : parseCount(text);
}

const BYTE_POWERS = ["", "k", "m", "g", "t"];

/** `512MB`, `1GiB`, `2g` or a number of bytes; without an `i`, a k is 1000. */
export function parseBytes(text: string): number {
  const [, amount, letter = "", binary] = /^(\d+(?:\.\d+)?)\s*([kmgt])?(i?)b?$/i.exec(text) ?? [];
  const bytes =
    Number(amount) * (binary ? 1024 : 1000) ** BYTE_POWERS.indexOf(letter.toLowerCase());
  if (amount === undefined || !(bytes >= 1 && Number.isFinite(bytes)))
    throw new UsageError(`"${printable(text)}" is not an amount of memory such as 512MB or 2GiB`);
  return Math.floor(bytes);
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, min: 60_000 };

/** `60s`, `500ms`, `2m`, or a number of seconds; in ms. */
export function parseDuration(text: string): number {
  const [, amount, unit = "s"] = /^(\d+(?:\.\d+)?)\s*(ms|s|min|m)?$/i.exec(text) ?? [];
  const ms = Number(amount) * UNIT_MS[unit.toLowerCase()];
  if (amount === undefined || !(ms > 0 && Number.isFinite(ms)))
    throw new UsageError(`"${printable(text)}" is not a time such as 60s, 500ms or 2m`);
  return ms;
}

/** Words with commas between them. */
export function parseWords(text: string): string[] {
  return text.split(",").map((word) => word.trim());
}

/** One or two whole numbers: `3`, `3,5` or `56x56`. */
export function parseSizes(text: string): number | number[] {
  const sizes = text.split(/[,x]/).map((part) => parseCount(part.trim()));
  return sizes.length === 1 ? sizes[0] : sizes;
}

/** One of a list of words; a misspelt one is answered with the nearest. */
export function oneOf<T extends string>(choices: readonly T[]): (text: string) => T {
  return (text) => {
    const found = choices.find((choice) => choice === text);
    if (found) return found;
    const near = nearestWord(text, choices);
    const hint = near ? `; did you mean "${near}"?` : "";
    throw new UsageError(`"${printable(text)}" is none of ${choices.join(", ")}${hint}`);
  };
}
