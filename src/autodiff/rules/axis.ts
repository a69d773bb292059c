/** An axis or index counted from the end when it is negative, as ONNX has it. */
export function fromStart(index: number, size: number): number {
  return index < 0 ? index + size : index;
}

/** `count` at one axis and 0 at all others. */
export function onlyAt(rank: number, axis: number, count: number): number[] {
  return Array.from({ length: rank }, (_, i) => (i === axis ? count : 0));
}
