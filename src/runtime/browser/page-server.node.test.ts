import { writeFileSync } from "node:fs";
import { get } from "node:http";
import { expect, it } from "vitest";
import { temporaryFolder } from "../../../tests/support/temporary-folder.js";
import { PageServer } from "./page-server.node.js";

const at = temporaryFolder();

/** Asks for a path as it is written: `fetch` would tidy it up. */
function statusOf(url: string, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(`${url}`, { path }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on("error", reject);
  });
}

it("serves what it is given and nothing else, isolated from other origins", async () => {
  writeFileSync(at("ort.mjs"), "export {};");
  writeFileSync(at("secret"), "secret");
  const server = await PageServer.start(
    new Map([
      ["/", { text: "<!doctype html>" }],
      ["/ort.mjs", { file: at("ort.mjs") }],
      ["/gone.wasm", { file: at("gone.wasm") }],
    ]),
  );
  const { url } = server;
  try {
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const page = await fetch(server.url);
    expect(await page.text()).toBe("<!doctype html>");
    expect(page.headers.get("content-type")).toMatch(/^text\/html/);
    expect(page.headers.get("cross-origin-opener-policy")).toBe("same-origin");
    expect(page.headers.get("cross-origin-embedder-policy")).toBe("require-corp");
    const script = await fetch(`${server.url}/ort.mjs`);
    expect(script.headers.get("content-type")).toMatch(/^text\/javascript/);
    expect(await script.text()).toBe("export {};");
    for (const path of [
      "/secret",
      "/../secret",
      "/ort.mjs/../secret",
      "/%2e%2e/secret",
      "//x/",
      "*",
    ])
      expect(await statusOf(server.url, path), path).toBe(404);
    expect((await fetch(server.url, { method: "POST" })).status).toBe(404);
    await expect(fetch(`${server.url}/gone.wasm`).then((r) => r.text())).rejects.toThrow();
  } finally {
    await server.close();
  }
  await expect(fetch(url)).rejects.toThrow();
});

it("keeps bytes until they are fetched, once", async () => {
  const server = await PageServer.start(new Map());
  try {
    const [one, two] = [server.offer(Uint8Array.of(1, 2)), server.offer(Uint8Array.of(3))];
    const bytesOf = async (path: string) => {
      const response = await fetch(server.url + path);
      return [...new Uint8Array(await response.arrayBuffer())];
    };
    expect(await bytesOf(two)).toEqual([3]);
    expect(await bytesOf(one)).toEqual([1, 2]);
    expect((await fetch(server.url + one)).status).toBe(404);
  } finally {
    await server.close();
  }
});
