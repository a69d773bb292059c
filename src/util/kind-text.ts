/** Of a convolution: its operator, and elements of data and weight by their names. */
export interface KindWords {
  readonly op: string;
  readonly dataType: string;
  readonly weight: { readonly dtype: string; readonly source: string };
}

/** "Conv", "ConvTranspose float16", "Conv uint8 x int8", "Conv, int8 weights", "Conv, computed weights". */
export function kindText({ op, dataType, weight }: KindWords): string {
  if (weight.source === "dequantised") return `${op}, ${weight.dtype} weights`;
  const types = weight.dtype === dataType ? dataType : `${dataType} x ${weight.dtype}`;
  const typed = types === "float32" ? op : `${op} ${types}`;
  return weight.source === "computed" ? `${typed}, computed weights` : typed;
}
