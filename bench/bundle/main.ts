/** How many bytes a browser loads: `npx jiti bench/bundle/main.ts`. Writes RESULTS.md beside this file. */

import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, type Metafile } from "esbuild";
import { installedVersion } from "../support/machine.js";
import { markdownTable } from "../support/table.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The runtime is the page's own affair: it comes with WebAssembly files of several megabytes. */
const RUNTIME = "onnxruntime-web";

const entries = [
  { name: "groupconv, everything", code: `export * from "./src/index.ts"` },
  { name: "readModel and audit", code: `export { audit, readModel } from "./src/index.ts"` },
  { name: "readModel alone", code: `export { readModel } from "./src/index.ts"` },
  { name: "chooseGroups alone", code: `export { chooseGroups } from "./src/index.ts"` },
  { name: "groupconv/nn, everything", code: `export * from "./src/nn/index.ts"` },
];

/** How many of the largest parts are listed. */
const LARGEST = 12;

interface Bundle {
  readonly name: string;
  readonly bytes: number;
  readonly gzipBytes: number;
  /** What stays outside and the page has to bring. */
  readonly imports: readonly string[];
  /** Bytes by folder of `src`, or by package. */
  readonly parts: ReadonlyMap<string, number>;
}

async function bundle(name: string, code: string): Promise<Bundle> {
  const result = await build({
    stdin: { contents: code, resolveDir: root, loader: "ts" },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    alias: { "#ort": RUNTIME },
    external: [RUNTIME],
    metafile: true,
    write: false,
  });
  const [file] = result.outputFiles;
  const [output] = Object.values(result.metafile.outputs);
  return {
    name,
    bytes: file.contents.length,
    gzipBytes: gzipSync(file.contents, { level: 9 }).length,
    imports: [...new Set(output.imports.map(({ path }) => path))],
    parts: partsOf(output),
  };
}

function partsOf({ inputs }: Metafile["outputs"][string]): Map<string, number> {
  const parts = new Map<string, number>();
  for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
    const [, name] = /^(?:node_modules\/((?:@[^/]+\/)?[^/]+)|(src\/[^/]+))/.exec(path) ?? [];
    const part = name ?? path.split("/").slice(0, 2).join("/");
    parts.set(part, (parts.get(part) ?? 0) + bytesInOutput);
  }
  return new Map([...parts].filter(([, bytes]) => bytes > 0).sort(([, a], [, b]) => b - a));
}

const kilobytes = (bytes: number) => (bytes / 1000).toFixed(1);

function report(bundles: readonly Bundle[]): string {
  const [everything] = bundles;
  const sizes = bundles.map(({ name, bytes, gzipBytes, imports }) => [
    name,
    kilobytes(bytes),
    kilobytes(gzipBytes),
    imports.join(", ") || "nothing",
  ]);
  const parts = [...everything.parts]
    .slice(0, LARGEST)
    .map(([part, bytes]) => [part, kilobytes(bytes)]);
  return [
    "# What a browser loads",
    "",
    `By esbuild ${installedVersion("esbuild")}: one ES module, minified, platform browser. kB of 1000 bytes; gzip at level 9.`,
    `${RUNTIME} is left outside.`,
    "",
    markdownTable(["entry", "kB", "kB gzipped", "imports"], sizes),
    "",
    `The largest parts of the first line, in kB before compression:`,
    "",
    markdownTable(["part", "kB"], parts),
    "",
  ].join("\n");
}

const bundles: Bundle[] = [];
for (const { name, code } of entries) bundles.push(await bundle(name, code));
const text = report(bundles);
await writeFile(new URL("RESULTS.md", import.meta.url), text);
process.stdout.write(text);

const foreign = bundles.flatMap(({ imports }) => imports).filter((path) => path !== RUNTIME);
if (foreign.length > 0) throw new Error(`a browser cannot load ${foreign.join(", ")}`);
