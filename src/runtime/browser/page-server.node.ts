import { createReadStream } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";

/** What a path is answered with: text, or a file. */
export type Served = { readonly text: string } | { readonly file: string };

const TYPES: Readonly<Record<string, string>> = {
  "": "text/html; charset=utf-8", // the page itself
  ".mjs": "text/javascript; charset=utf-8",
  ".wasm": "application/wasm",
};

/**
 * Serves a page and what it needs on the loopback interface: the paths it is given and no others, and bytes
 * that are fetched once. Pages are isolated from other origins, so that WebAssembly may use threads.
 */
export class PageServer {
  readonly #server: Server;
  readonly #offers = new Map<string, Uint8Array>();
  #offered = 0;

  private constructor(served: ReadonlyMap<string, Served>) {
    this.#server = createServer((request, response) => {
      const path = request.url ?? "";
      const found = served.get(path);
      const offer = this.#offers.get(path);
      if (request.method !== "GET" || (!found && !offer)) {
        response.writeHead(404).end();
        return;
      }
      response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
      response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
      if (offer) {
        this.#offers.delete(path);
        response.end(offer);
        return;
      }
      response.setHeader("Content-Type", TYPES[extname(path)]);
      if (found && "file" in found) {
        createReadStream(found.file)
          .on("error", () => response.destroy())
          .pipe(response);
      } else response.end(found?.text);
    });
  }

  static async start(served: ReadonlyMap<string, Served>): Promise<PageServer> {
    const page = new PageServer(served);
    await new Promise<void>((resolve, reject) => {
      page.#server.once("error", reject).listen(0, "127.0.0.1", resolve);
    });
    return page;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Keeps bytes until they are fetched. @returns Their path. */
  offer(bytes: Uint8Array): string {
    const path = `/offers/${this.#offered++}`;
    this.#offers.set(path, bytes);
    return path;
  }

  /** Forgets what nobody will fetch any more. */
  withdrawAll(): void {
    this.#offers.clear();
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
