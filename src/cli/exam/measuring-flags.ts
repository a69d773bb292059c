import { parseBytes, parseCount, parseDuration, parseWhole, parseWords } from "../parsers.js";
import { pictureFlags } from "./picture-flags.js";

const optional = { optional: true } as const;

/** Flags that say what an exam measures, and on what: `exam` has them, and `audit` with `--exam`. */
export const measuringFlags = {
  data: {
    kind: "parsed",
    parse: String,
    brief:
      "Folder of pictures, picture, .npy or .npz; NAME=path for each of several inputs. Without it, noise is drawn",
    placeholder: "path",
    variadic: true,
    ...optional,
  },
  ...pictureFlags,
  exams: {
    kind: "parsed",
    parse: parseWords,
    brief: "Which exams, with commas: look, listen, ask, pulse. Defaults to all",
    placeholder: "look,ask",
    ...optional,
  },
  memory: {
    kind: "parsed",
    parse: parseBytes,
    brief: "Most memory above what the model takes to run, such as 512MB. Defaults to 1GiB",
    placeholder: "size",
    ...optional,
  },
  budget: {
    kind: "parsed",
    parse: parseDuration,
    brief:
      "Time for the sweep of ask, and as much for the trials of pulse, such as 5m. Defaults to 60s",
    placeholder: "time",
    ...optional,
  },
  threads: {
    kind: "parsed",
    parse: parseCount,
    brief:
      "Threads an operator may use while ask times it, at most one a core. The runtime decides by default",
    placeholder: "n",
    ...optional,
  },
  browser: {
    kind: "parsed",
    parse: String,
    brief:
      "Program of the browser that targets of browsers are timed in. By default CHROME_PATH, or one is looked for",
    placeholder: "path",
    ...optional,
  },
  limit: {
    kind: "parsed",
    parse: parseCount,
    brief: "Most pictures to take, spread over the folder, or to draw. Defaults to 64, or 8",
    placeholder: "n",
    ...optional,
  },
  seed: {
    kind: "parsed",
    parse: parseWhole,
    brief: "Seed of drawn pictures. Defaults to 0",
    placeholder: "n",
    ...optional,
  },
} as const;

/** The same, left out of a command's help: `exam --help` has them. */
export const hiddenMeasuringFlags = Object.fromEntries(
  Object.entries(measuringFlags).map(([name, flag]) => [name, { ...flag, hidden: true }]),
) as { readonly [Name in keyof typeof measuringFlags]: Hidden<(typeof measuringFlags)[Name]> };

type Hidden<Flag> = Flag & { readonly hidden: true };

export const MEASURING_FLAGS = Object.keys(measuringFlags) as (keyof typeof measuringFlags)[];
