import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Browser, BrowserType, Page } from "playwright-core";
import { GroupconvError, RuntimeError, UsageError } from "../../util/errors.js";
import { printable } from "../../util/text.js";
import type { BrowserTarget } from "../targets.js";
import { timeOnce } from "../time-once.js";
import { BROWSER_HELP, findBrowser } from "./find-browser.node.js";
import { type PageRuntime, pageRuntime } from "./page-runtime.js";
import { PageServer, type Served } from "./page-server.node.js";

export interface BrowserRuntimeOptions {
  readonly target: BrowserTarget;
  /** Threads of WebAssembly. The runtime decides by default. */
  readonly threads?: number;
  /** Path of the browser's program; see `findBrowser`. */
  readonly browser?: string;
  /** Ends the browser, and whatever waits for it. */
  readonly signal?: AbortSignal;
}

/** The builds of onnxruntime-web that its documentation names for each. */
const BUILDS = {
  "ort-wasm": ["ort.wasm.min.mjs", "ort-wasm-simd-threaded"],
  "ort-webgpu": ["ort.webgpu.min.mjs", "ort-wasm-simd-threaded.asyncify"],
} as const;

/** Chromium keeps WebGPU back on some systems that have it; on Linux it is made of Vulkan. */
const WEBGPU_ARGS = ["--enable-unsafe-webgpu", "--enable-features=Vulkan"];

declare global {
  interface Window {
    groupconv?: PageRuntime;
  }
}

/** A page with the runtime in it that has not been started. */
export interface OpenPage {
  readonly page: Page;
  readonly server: PageServer;
  readonly browserName: string;
  /** Ends browser and server; more than once does no harm. */
  readonly end: () => Promise<void>;
}

/**
 * Starts a browser and a server for it, and opens the page.
 * @throws UsageError when playwright or a browser is missing, or it cannot be started.
 */
export async function openPage(options: BrowserRuntimeOptions): Promise<OpenPage> {
  const { target, signal } = options;
  const { chromium, executablePath } = await findProgram(options.browser);
  signal?.throwIfAborted();
  const server = await PageServer.start(filesOf(target));
  let browser: Browser | undefined;
  let ended: Promise<void> | undefined;
  const end = () => {
    ended ??= (async () => {
      signal?.removeEventListener("abort", end);
      await browser?.close();
      await server.close();
    })();
    return ended; // for whoever ends it, too, while it is ending
  };
  try {
    browser = await launch(chromium, executablePath);
    signal?.addEventListener("abort", end, { once: true });
    signal?.throwIfAborted();
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    await page.goto(server.url);
    const isReady = page.waitForFunction(() => window.groupconv !== undefined);
    await isReady.catch((cause: unknown) => {
      throw new RuntimeError(`the page did not start: ${errors[0] ?? firstLine(cause)}`, { cause });
    });
    return { page, server, browserName: `Chromium ${browser.version()}`, end };
  } catch (error) {
    await end();
    signal?.throwIfAborted();
    throw ownError(error);
  }
}

/** What playwright throws is a page of text, and no error of ours. */
export function ownError(error: unknown): GroupconvError {
  if (error instanceof GroupconvError) return error;
  return new RuntimeError(`the browser gave up: ${firstLine(error)}`, { cause: error });
}

/**
 * What drives a browser, and its program.
 * @throws UsageError when either is missing.
 */
export async function findProgram(
  given: string | undefined,
): Promise<{ chromium: BrowserType; executablePath: string }> {
  const { chromium } = await loadPlaywright();
  return { chromium, executablePath: findBrowser(given, chromium.executablePath()) };
}

async function loadPlaywright(): Promise<typeof import("playwright-core")> {
  try {
    return await import("playwright-core");
  } catch (cause) {
    throw new UsageError(
      "timing in a browser needs the package playwright-core, which is not installed",
      { help: "npm install playwright-core", cause },
    );
  }
}

async function launch(chromium: BrowserType, executablePath: string): Promise<Browser> {
  try {
    return await chromium.launch({
      executablePath,
      args: WEBGPU_ARGS,
      headless: true,
      handleSIGINT: false, // the caller's own, and playwright would end its process
      handleSIGTERM: false,
      handleSIGHUP: false,
    });
  } catch (cause) {
    throw new UsageError(
      `the browser "${printable(executablePath)}" cannot be started: ${launchReason(cause)}`,
      { help: BROWSER_HELP, cause },
    );
  }
}

/** The page, and the files of the runtime that it asks for; nothing else is served. */
function filesOf(target: BrowserTarget): Map<string, Served> {
  const require = createRequire(import.meta.url);
  const folder = dirname(require.resolve("onnxruntime-web/ort-wasm-simd-threaded.wasm"));
  const [entry, build] = BUILDS[target];
  const names = [entry, `${build}.mjs`, `${build}.wasm`];
  return new Map<string, Served>([
    ["/", { text: PAGE }],
    ["/page.mjs", { text: pageScript(entry) }],
    ...names.map((name): [string, Served] => [`/${name}`, { file: join(folder, name) }]),
  ]);
}

const PAGE = `<!doctype html><meta charset="utf-8"><title>groupconv</title>
<script type="module" src="/page.mjs"></script>
`;

/** The functions go as text, so that they are the same from sources, compiled, and in a bundle. */
function pageScript(entry: string): string {
  return `import * as ort from "/${entry}";
window.groupconv = (${pageRuntime})(ort, ${timeOnce});
`;
}

function firstLine(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return printable(text.split("\n")[0], 200);
}

/** What the browser said last, where it said anything: playwright's own words are a page of text. */
function launchReason(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  const said = /\[err\] (.+)/.exec(text)?.[1];
  return said ? printable(said, 200) : firstLine(cause);
}
