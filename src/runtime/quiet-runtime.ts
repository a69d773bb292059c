import { env } from "./ort.js";

/**
 * Keeps the runtime of this process from printing what it also throws, such as a library that it does not find. For
 * programs: it holds for all sessions of the process, and only before the first of them.
 */
export function quietRuntime(): void {
  env.logLevel = "fatal";
}
