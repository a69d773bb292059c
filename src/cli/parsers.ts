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
  return wholeFrom(1, text);
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
  return wholeFrom(0, text);
}

function wholeFrom(least: number, text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number) || number < least)
    throw new UsageError(`"${printable(text)}" is not a whole number from ${least}`);
  return number;
}

/** A whole number from 0 to 255. */
export function parseByte(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > 255)
    throw new UsageError(`"${printable(text)}" is not a whole number from 0 to 255`);
  return number;
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

/** A height and a width: `640x480`, `640,480`, or one number for both. */
export function parsePictureSize(text: string): [height: number, width: number] {
  const sizes = text
    .split(/[,x]/)
    .map((part) => (/^\d+$/.test(part.trim()) ? Number(part) : Number.NaN));
  const [height, width = height] = sizes;
  if (sizes.length > 2 || ![height, width].every((one) => Number.isSafeInteger(one) && one >= 1))
    throw new UsageError(`"${printable(text)}" is not HEIGHTxWIDTH in pixels, such as 640x480`);
  return [height, width];
}

/** One number, or three with commas between them: one a colour. */
export function parseColours(text: string): number[] {
  const numbers = text.split(",").map(toNumber);
  if (![1, 3].includes(numbers.length) || !numbers.every(Number.isFinite))
    throw new UsageError(
      `"${printable(text)}" is not one number, or three with commas such as 0.485,0.456,0.406`,
    );
  return numbers;
}

/** As {@link parseColours}, and each greater than 0. */
export function parsePositiveColours(text: string): number[] {
  const numbers = parseColours(text);
  if (!numbers.every((number) => number > 0))
    throw new UsageError(`"${printable(text)}" is not of numbers greater than 0`);
  return numbers;
}

/** A number greater than 0, or a fraction such as `1/255`. */
export function parseScale(text: string): number {
  const [above, below = 1, ...more] = text.split("/").map(toNumber);
  const scale = above / below;
  if (more.length > 0 || !(scale > 0 && Number.isFinite(scale)))
    throw new UsageError(`"${printable(text)}" is not a number greater than 0, such as 1/255`);
  return scale;
}

function toNumber(text: string): number {
  return text.trim() === "" ? Number.NaN : Number(text);
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
