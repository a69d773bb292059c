import { run } from "@stricli/core";
import { app } from "../../src/cli/app.js";

export interface CliRun {
  readonly out: string;
  readonly err: string;
  /** What a shell sees: usage errors count as 2. */
  readonly code: number;
}

/** Runs the command line in this process; `terminal` makes it believe that it writes to one. */
export async function runCli(
  cwd: string,
  args: readonly string[],
  options: { readonly terminal?: boolean; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<CliRun> {
  const written = { out: "", err: "" };
  const { terminal = false, env = {} } = options;
  const process = {
    stdout: {
      write: (text: string) => {
        written.out += text;
      },
      isTTY: terminal,
      columns: 80,
    },
    stderr: {
      write: (text: string) => {
        written.err += text;
      },
    },
    env,
    exitCode: undefined as number | string | null | undefined,
  };
  await run(app, args, { process, cwd });
  const code = Number(process.exitCode ?? 0);
  return { ...written, code: code < 0 ? 2 : code };
}
