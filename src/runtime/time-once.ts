export interface TimingLimits {
  /** A timing is of as many runs as take this long. */
  readonly leastMs: number;
  readonly mostRepeats: number;
  /** Interruptions only ever add: of so many timings in a row the fastest is taken. */
  readonly timings: number;
  /** Runs longer than this are timed once: they are interrupted anyway. */
  readonly longMs: number;
}

export interface TimeOnceOptions {
  /** The clock that times are read off, in ms. */
  readonly now: () => number;
  readonly limits: TimingLimits;
  /** Waits until the work of the runs is done, where they only hand it in. */
  readonly finish?: () => Promise<unknown>;
}

/**
 * One run's time in ms: the fastest of some timings, each of as many runs as the clock needs. It is given to
 * pages as text, so it uses nothing from outside.
 */
export async function timeOnce(
  run: () => Promise<unknown>,
  { now, limits, finish }: TimeOnceOptions,
): Promise<number> {
  const timing = async (repeats: number) => {
    const start = now();
    for (let i = 0; i < repeats; i++) await run();
    await finish?.();
    return (now() - start) / repeats;
  };
  const first = await timing(1); // wakes the threads, brings the weights near
  const repeats = Math.min(limits.mostRepeats, Math.ceil(limits.leastMs / Math.max(first, 1e-3)));
  let fastest = await timing(repeats);
  for (let i = 1; i < limits.timings && first < limits.longMs; i++)
    fastest = Math.min(fastest, await timing(repeats));
  return fastest;
}
