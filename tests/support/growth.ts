/** What `growth` may be at most for a job of linear time: 8 times what is expected, half of a quadratic job's. */
export const LINEAR = 128;

/**
 * How much longer a job takes at 16 times the size: about 16 for a linear job, 256 for a quadratic one.
 * Each size is taken at its best of five, in the processor's time and not the clock's, which is what is
 * least disturbed by whatever else the machine does.
 *
 * @param prepare Makes the job of one size; the job must be repeatable.
 */
export async function growth(
  size: number,
  prepare: (size: number) => () => unknown,
): Promise<number> {
  const jobs = [prepare(size), prepare(16 * size)];
  const leastMs = jobs.map(() => Number.POSITIVE_INFINITY);
  for (let trial = 0; trial < 5; trial++) {
    for (const [i, job] of jobs.entries()) {
      const start = process.cpuUsage();
      await job();
      const { user, system } = process.cpuUsage(start);
      leastMs[i] = Math.min(leastMs[i], (user + system) / 1000);
    }
  }
  return leastMs[1] / leastMs[0];
}
