#!/usr/bin/env node
import { run } from "@stricli/core";
import { describeFault } from "../files/index.js";
import { app } from "./app.js";
import { EXIT_CANNOT_RUN } from "./context.js";

// A reader that stops early, such as `head`, is no fault.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  process.stderr.write(`error: ${describeFault("cannot write", "standard output", error)}\n`);
  process.exit(EXIT_CANNOT_RUN);
});
// Who closed it wants no messages; the report goes elsewhere.
process.stderr.on("error", () => {});

await run(app, process.argv.slice(2), { process, cwd: process.cwd() });
// Usage errors have codes of the argument parser, below 0; to a caller they all mean "could not run".
if (typeof process.exitCode === "number" && process.exitCode < 0)
  process.exitCode = EXIT_CANNOT_RUN;
