import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { UsageError } from "../../util/errors.js";
import { printable } from "../../util/text.js";

export interface FindBrowserOptions {
  readonly env?: Readonly<NodeJS.ProcessEnv>;
  readonly platform?: NodeJS.Platform;
  readonly isProgram?: (path: string) => boolean;
}

const ON_PATH = "google-chrome google-chrome-stable chromium chromium-browser microsoft-edge";

const MAC_APPS = ["Google Chrome", "Chromium", "Microsoft Edge"];

const WINDOWS_FOLDERS = ["PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"];
const WINDOWS_PROGRAMS = [
  "Google/Chrome/Application/chrome.exe",
  "Microsoft/Edge/Application/msedge.exe",
];

export const BROWSER_HELP =
  "Install Chrome, Chromium or Edge, or run npx playwright-core install chromium; or name the browser's program with --browser or CHROME_PATH.";

/**
 * The program of a browser of Chromium's family: the one given, else `CHROME_PATH`, else the first where
 * browsers lie on this system, else the one that playwright installed.
 *
 * @param given Path of the program, as the person gave it.
 * @param installed Where playwright would have it.
 * @throws UsageError when there is none.
 */
export function findBrowser(
  given: string | undefined,
  installed: string,
  options: FindBrowserOptions = {},
): string {
  const { env = process.env, platform = process.platform, isProgram = isExecutable } = options;
  for (const [word, path] of [
    ["browser", given],
    ["CHROME_PATH", env.CHROME_PATH],
  ] as const) {
    if (!path) continue;
    if (isProgram(path)) return path;
    throw new UsageError(`${word}=${printable(path)} is no program that can be run`, {
      help: BROWSER_HELP,
    });
  }
  const found = [...placesOf(platform, env), installed].find(isProgram);
  if (found) return found;
  throw new UsageError("no browser of Chromium's family was found", { help: BROWSER_HELP });
}

function placesOf(platform: NodeJS.Platform, env: Readonly<NodeJS.ProcessEnv>): string[] {
  if (platform === "darwin")
    return MAC_APPS.map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);
  if (platform === "win32")
    return WINDOWS_PROGRAMS.flatMap((program) =>
      WINDOWS_FOLDERS.flatMap((folder) => (env[folder] ? [join(env[folder], program)] : [])),
    );
  const folders = (env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return ON_PATH.split(" ").flatMap((name) => folders.map((folder) => join(folder, name)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false; // not there, or not to be run
  }
}
