/** Messages with holes, checked by the compiler; imports nothing. */

/** The names in braces of a template: `Holes<"{a} of {b}">` is `"a" | "b"`. */
export type Holes<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Holes<Rest>
  : never;

/** What a hole takes; numbers in lists are joined by commas. */
export type Datum = string | number | readonly number[];

/** Fills the holes of a template. */
export function fillHoles(text: string, data: Readonly<Record<string, Datum>>): string {
  return text.replace(/\{(\w+)\}/g, (hole, name: string) => {
    const value = data[name];
    if (value === undefined) return hole;
    return typeof value === "object" ? value.join(", ") : String(value);
  });
}
