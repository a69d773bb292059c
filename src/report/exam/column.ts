/** A column of a table, the same in every format. */
export interface Column<Row> {
  readonly title: string;
  readonly align: "left" | "right";
  readonly text: (row: Row) => string;
  /** Holds names as the model has them. */
  readonly isName?: boolean;
  /** Drawn with characters; a page that has better ways leaves it out. */
  readonly isDrawn?: boolean;
  /** Where there is no room, the column with the highest number goes first; one without stays. */
  readonly leaves?: number;
}
