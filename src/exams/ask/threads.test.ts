import { expect, it } from "vitest";
import { checkThreads } from "./threads.js";

const processor = { cpu: "abacus", cores: 4 };

it("takes as many threads as there are cores, and refuses what no pool of them is", () => {
  for (const threads of [undefined, 1, 4]) checkThreads({ threads, processor });
  for (const threads of [5, 100_000, 0, -1, 1.5, Number.NaN])
    expect(() => checkThreads({ threads, processor })).toThrow(
      `ask: threads=${threads} must be a whole number from 1 to the cores of this machine, 4`,
    );
});
