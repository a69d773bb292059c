/** Sums over one row of a correlation matrix, behind its diagonal: read once, asked for any stretch of it. */
export class RowTotals {
  /** r by column. */
  readonly row: Float64Array;
  /** Of |r| and of r^2 in the columns before each. */
  readonly absBefore: Float64Array;
  readonly squaresBefore: Float64Array;
  signed = 0;
  /** The largest |r|. */
  largest = 0;

  constructor(readonly channels: number) {
    this.row = new Float64Array(channels);
    this.absBefore = new Float64Array(channels + 1);
    this.squaresBefore = new Float64Array(channels + 1);
  }

  /** Sums up what `row` has from this column on. */
  read(first: number): void {
    const { channels, row, absBefore, squaresBefore } = this;
    let [signed, abs, squares, largest] = [0, 0, 0, 0];
    absBefore[first] = 0;
    squaresBefore[first] = 0;
    for (let j = first; j < channels; j++) {
      const r = row[j];
      const size = Math.abs(r);
      signed += r;
      abs += size;
      squares += r * r;
      if (size > largest) largest = size;
      absBefore[j + 1] = abs;
      squaresBefore[j + 1] = squares;
    }
    this.signed = signed;
    this.largest = largest;
  }

  get abs(): number {
    return this.absBefore[this.channels];
  }

  get squares(): number {
    return this.squaresBefore[this.channels];
  }
}
