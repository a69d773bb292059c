import { describe, expect, it } from "vitest";
import { UsageError } from "../../util/errors.js";
import { findBrowser } from "./find-browser.node.js";

const INSTALLED = "/cache/ms-playwright/chromium/chrome";

/** On a machine with these programs. */
function find(
  programs: readonly string[],
  {
    given,
    env = {},
    platform = "linux" as NodeJS.Platform,
  }: Partial<{
    given: string;
    env: Record<string, string>;
    platform: NodeJS.Platform;
  }> = {},
) {
  return findBrowser(given, INSTALLED, {
    env,
    platform,
    isProgram: (path) => programs.includes(path),
  });
}

describe("findBrowser", () => {
  it("takes the one that is given, then CHROME_PATH, then what lies on the path, then playwright's", () => {
    const programs = ["/opt/mine", "/opt/theirs", "/usr/bin/chromium", INSTALLED];
    const env = { CHROME_PATH: "/opt/theirs", PATH: "/bin::/usr/bin" };
    expect(find(programs, { given: "/opt/mine", env })).toBe("/opt/mine");
    expect(find(programs, { env })).toBe("/opt/theirs");
    expect(find(programs, { env: { PATH: env.PATH } })).toBe("/usr/bin/chromium");
    expect(find(programs, { env: { PATH: "/bin" } })).toBe(INSTALLED);
  });

  it("looks where other systems have their programs", () => {
    const chrome = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";
    expect(find([chrome], { platform: "darwin" })).toBe(chrome);
    const edge = "C:\\Programs/Microsoft/Edge/Application/msedge.exe";
    const env = { "PROGRAMFILES(X86)": "C:\\Programs" };
    expect(find([edge], { platform: "win32", env })).toBe(edge);
  });

  it("refuses what is no program, and says the way out when there is none", () => {
    expect(() => find([INSTALLED], { given: "/opt/mine" })).toThrow(
      "browser=/opt/mine is no program that can be run",
    );
    expect(() => find([INSTALLED], { env: { CHROME_PATH: "chrome" } })).toThrow(
      "CHROME_PATH=chrome is no program that can be run",
    );
    expect(() => find([])).toThrow(UsageError);
    expect(() => find([])).toThrow(
      expect.objectContaining({
        message: "no browser of Chromium's family was found",
        help: expect.stringMatching(/npx playwright-core install chromium.*--browser/),
      }),
    );
    expect(() => findBrowser(process.cwd(), INSTALLED)).toThrow(/is no program/); // a folder
    expect(findBrowser(process.execPath, INSTALLED)).toBe(process.execPath);
  });
});
