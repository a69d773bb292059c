import { createReadStream } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";
import { type Browser, chromium } from "playwright-core";

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

/** A headless Chromium out of an npm package, with the libraries it needs. */
export async function launchBrowser(): Promise<Browser> {
  // Makes the package bring its own NSS libraries, which a bare machine lacks.
  process.env.AWS_EXECUTION_ENV ??= "AWS_Lambda_nodejs20.x";
  const { default: packaged } = await import("@sparticuz/chromium");
  return chromium.launch({
    executablePath: await packaged.executablePath(),
    args: [
      ...packaged.args,
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
    headless: true,
  });
}
