declare module "asciichart" {
  interface PlotOptions {
    /** Rows between the smallest and the largest number. */
    height?: number;
    /** Columns of the labels and the axis. */
    offset?: number;
    format?: (value: number) => string;
  }
  const asciichart: { plot(series: readonly number[], options?: PlotOptions): string };
  export default asciichart;
}
