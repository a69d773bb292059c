import { type DType, dtypes } from "../tensor/index.js";

/** The element types whose word differs from our name. */
const words: Partial<Record<DType, string>> = { float32: "float", float64: "double" };

const byWord = new Map(dtypes.map((dtype) => [wordOf(dtype), dtype]));

/** Types that the text form knows and the graph does not look into. */
const opaqueWords: ReadonlySet<string> = new Set([
  "seq",
  "map",
  "optional",
  "sparse_tensor",
  "opaque",
]);

export function wordOf(dtype: DType): string {
  return words[dtype] ?? dtype;
}

export function dtypeOfWord(word: string): DType | undefined {
  return byWord.get(word);
}

export function isOpaqueWord(word: string): boolean {
  return opaqueWords.has(word);
}

/** inf, infinity or nan, in any case: a number where a number may stand. */
export function isSpecialFloat(word: string): boolean {
  return /^-?(inf|infinity|nan)$/i.test(word);
}

/** A name as it is written: quoted unless it is a plain identifier that means nothing else. */
export function quotedName(name: string): string {
  const isPlain =
    /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) &&
    !byWord.has(name) &&
    !opaqueWords.has(name) &&
    !isSpecialFloat(name);
  return isPlain ? name : quoted(name);
}

export function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
