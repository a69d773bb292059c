/** Sums over one row of a correlation matrix, behind its diagonal: read once, asked for any stretch of it. */
export class RowTotals {
  /** r by column. */
  readonly row: Float64Array;
  /** Of |r| and of r^2 in the columns before each. */
  readonly absBefore: Float64Array;
  readonly squaresBefore: Float64Array;
  /** Of r^2 by channel, over the others in all rows read so far. */
  readonly squaresOf: Float64Array;
  signed = 0;
  /** The largest |r|. */
  largest = 0;

  constructor(readonly channels: number) {
    this.row = new Float64Array(channels);
    this.absBefore = new Float64Array(channels + 1);
    this.squaresBefore = new Float64Array(channels + 1);
    this.squaresOf = new Float64Array(channels);
  }

  /** Sums up what `row` of channel i has behind the diagonal. */
  read(i: number): void {
    const { channels, row, absBefore, squaresBefore, squaresOf } = this;
    const first = i + 1;
    let [signed, abs, squares, largest] = [0, 0, 0, 0];
    absBefore[first] = 0;
    squaresBefore[first] = 0;
    for (let j = first; j < channels; j++) {
      const r = row[j];
      const size = Math.abs(r);
      const square = r * r;
      signed += r;
      abs += size;
      squares += square;
      squaresOf[j] += square;
      if (size > largest) largest = size;
      absBefore[j + 1] = abs;
      squaresBefore[j + 1] = squares;
    }
    squaresOf[i] += squares;
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
