/** Errors a person can act on. They carry a sentence; a command line prints it without a stack trace. */

/** The base of every error that is the caller's to mend. `help` says the way out, when it is known. */
export class GroupconvError extends Error {
  readonly help: string | undefined;

  constructor(message: string, options: { help?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.help = options.help;
  }
}

/** A model, tensor or data file that cannot be read: broken, hostile, or not what its name says. */
export class FormatError extends GroupconvError {}

/** A graph that breaks a rule every graph must keep: one producer a value, no cycles, no missing inputs. */
export class GraphError extends GroupconvError {}

/** Sizes that do not fit together: channels against groups, a shape against the data. */
export class ShapeError extends GroupconvError {}

/** An argument, flag, configuration key or name that does not exist or is out of range. */
export class UsageError extends GroupconvError {}

/** What the runtime refused to load or run. */
export class RuntimeError extends GroupconvError {}

/** Numbers that a computation cannot go on with: NaN or infinite. */
export class DivergenceError extends GroupconvError {}
