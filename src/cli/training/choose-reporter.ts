import { type CliContext, terminalWidth, wantsColors } from "../context.js";
import { jsonReporter } from "./json-reporter.js";
import type { Reporter } from "./reporter.js";
import { TerminalReporter } from "./terminal-reporter.js";

/** Charts on a terminal, elsewhere and with `--json` JSON lines. */
export function chooseReporter(
  context: CliContext,
  { json = false }: { json?: boolean },
): Reporter {
  const { stdout, env } = context.process;
  if (json || !stdout.isTTY || env.TERM === "dumb") return jsonReporter(stdout);
  return new TerminalReporter(stdout, {
    colors: wantsColors(context),
    width: terminalWidth(context),
  });
}
