import { createReadStream } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { type Browser, chromium, type Page as Tab } from "playwright-core";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

/** What a path of the test server answers: text, or a file. */
export type Page = { readonly text: string } | { readonly file: string };

/** Serves pages on the loopback interface, isolated so that WebAssembly may use threads. */
export async function serve(
  find: (path: string) => Page | undefined,
): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    const page = find(path);
    if (!page) {
      response.writeHead(404).end();
      return;
    }
    response.setHeader(
      "Content-Type",
      TYPES[extname(path) || ".html"] ?? "application/octet-stream",
    );
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    if ("text" in page) response.end(page.text);
    else createReadStream(page.file).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

/** The program of a Chromium out of an npm package, and the arguments it wants. */
export async function packagedBrowser(): Promise<{ path: string; args: readonly string[] }> {
  // Makes the package bring its own NSS libraries, which a bare machine lacks.
  process.env.AWS_EXECUTION_ENV ??= "AWS_Lambda_nodejs20.x";
  const { default: packaged } = await import("@sparticuz/chromium");
  return { path: await packaged.executablePath(), args: packaged.args };
}

/** A headless Chromium with the libraries it needs. */
export async function launchBrowser(): Promise<Browser> {
  const { path, args } = await packagedBrowser();
  return chromium.launch({
    executablePath: path,
    args: [
      ...args,
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
    headless: true,
  });
}

const root = fileURLToPath(new URL("../../", import.meta.url));

/** A module that runs in a tab. */
export interface RunningModule {
  readonly tab: Tab;
  /** What the page threw and nobody caught. */
  readonly errors: readonly string[];
  close(): Promise<void>;
}

/**
 * Runs a module of this repository in a browser, bundled with all it imports; onnxruntime-web finds its
 * WebAssembly.
 *
 * @param entry Path from the root of the repository.
 * @param find Other files that the module may fetch, by the path it asks for.
 */
export async function runInBrowser(
  entry: string,
  find: (path: string) => string | undefined = () => undefined,
): Promise<RunningModule> {
  const bundle = await build({
    entryPoints: [`${root}${entry}`],
    bundle: true,
    format: "esm",
    platform: "browser",
    write: false,
  });
  const html = `<!doctype html><meta charset="utf-8"><title>${entry}</title>
<script type="module" src="/module.js"></script>`;
  const { url, server } = await serve((path) => {
    if (path === "/") return { text: html };
    if (path === "/module.js") return { text: bundle.outputFiles[0].text };
    // The runtime looks for its WebAssembly beside the script that it was bundled into.
    const wasm = /^\/(ort-wasm[\w.-]+\.wasm)$/.exec(path);
    const file = wasm ? `${root}node_modules/onnxruntime-web/dist/${wasm[1]}` : find(path);
    return file === undefined ? undefined : { file: resolve(root, file) };
  });
  const browser = await launchBrowser();
  const tab = await browser.newPage();
  const errors: string[] = [];
  tab.on("pageerror", (error) => errors.push(error.message));
  await tab.goto(url);
  return {
    tab,
    errors,
    async close() {
      await browser.close();
      server.close();
    },
  };
}
