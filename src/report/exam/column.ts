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
  /** What a reader has to be told of it, with its title in front. */
  readonly legend?: string;
}

/** What is to be told of the columns that are there. */
export function legendOf(columns: readonly Pick<Column<never>, "legend">[]): string {
  return columns.flatMap(({ legend }) => legend ?? []).join(". ");
}
