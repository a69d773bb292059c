import type { CommandContext } from "@stricli/core";

/** What a command may touch of the world; tests hand in another one. */
export interface CliContext extends CommandContext {
  readonly process: {
    readonly stdout: Output;
    readonly stderr: Output;
    readonly env: Readonly<Record<string, string | undefined>>;
    exitCode?: number | string | null;
    /** How signals that ask to stop are heard, where there are any. */
    on?(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
    off?(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
  };
  /** Folder that relative paths start from. */
  readonly cwd: string;
}

export interface Output {
  write(text: string): void;
  readonly isTTY?: boolean;
  readonly columns?: number;
  getColorDepth?(env?: Readonly<Record<string, string | undefined>>): number;
}

/** Colours only on a terminal, and not when NO_COLOR is set (https://no-color.org). */
export function wantsColors({ process }: CliContext): boolean {
  return !process.env.NO_COLOR && process.stdout.isTTY === true && process.env.TERM !== "dumb";
}

/** Columns of the terminal; 100 where there is none. */
export function terminalWidth({ process }: CliContext): number {
  const { columns } = process.stdout;
  return columns && columns >= 40 ? columns : 100;
}

/** Exit codes: 0 is a clean run; 128 and its number for a signal that stopped one. */
export const EXIT_FINDINGS = 1;
export const EXIT_CANNOT_RUN = 2;
