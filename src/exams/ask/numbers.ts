/** Three significant digits: what a timing is good for. */
export function threeDigits(n: number): number {
  return Number(n.toPrecision(3));
}
