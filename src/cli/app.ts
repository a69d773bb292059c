import { type Application, buildApplication, buildRouteMap, text_en } from "@stricli/core";
import { GroupconvError } from "../util/errors.js";
import { printable } from "../util/text.js";
import { VERSION } from "../util/version.js";
import { adviseCommand } from "./commands/advise.js";
import { auditCommand } from "./commands/audit.js";
import { examCommand } from "./commands/exam.js";
import { trainCommand } from "./commands/train.js";
import { type CliContext, EXIT_CANNOT_RUN } from "./context.js";

export const app: Application<CliContext> = buildApplication(
  buildRouteMap({
    routes: {
      audit: auditCommand,
      exam: examCommand,
      advise: adviseCommand,
      train: trainCommand,
    },
    docs: {
      brief: "Grouped convolutions: what they do to a network, and what they should be",
    },
  }),
  {
    name: "groupconv",
    versionInfo: { currentVersion: VERSION },
    scanner: { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true },
    documentation: { caseStyle: "convert-camel-to-kebab", onlyRequiredInUsageLine: true },
    localization: {
      text: {
        ...text_en,
        exceptionWhileRunningCommand: (error) => describeError(error),
        commandErrorResult: (error) => describeError(error),
      },
    },
    determineExitCode: () => EXIT_CANNOT_RUN,
  },
);

/** The caller's errors in a sentence or two; a fault of ours with the way to report it. */
export function describeError(error: unknown): string {
  if (error instanceof GroupconvError) {
    const message = printable(error.message, 2000);
    return error.help ? `error: ${message}\n  ${printable(error.help, 1000)}` : `error: ${message}`;
  }
  if (process.env.GROUPCONV_DEBUG && error instanceof Error) return error.stack ?? error.message;
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return `internal error: ${printable(what, 2000)}\n  This is a fault of groupconv; GROUPCONV_DEBUG=1 shows where.`;
}
