import * as z from "zod";

/** The parts that schemas of exams' reports are put together from. */

export const count = z.int().nonnegative();
export const amount = z.number().nonnegative();
export const sizes = z.array(z.number()).readonly();
export const names = z.array(z.string()).readonly();
export const verdictInBand = z.enum(["below", "within", "above"]);
export const skipped = list(record({ name: z.string(), reason: z.string() }));

/** Median, quartiles and number of what was measured several times. */
export const spread = record({
  median: z.number(),
  low: z.number(),
  high: z.number(),
  samples: count,
});

export function record<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape).readonly();
}

export function list<Item extends z.ZodType>(item: Item) {
  return z.array(item).readonly();
}
