// Makes the command line of one file instead of 250: finding and loading those took longer than all else
// that happens before a command runs. What is loaded on demand stays apart, and so do packages.
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const path = (file) => fileURLToPath(new URL(`../${file}`, import.meta.url));

await build({
  entryPoints: [
    { in: path("src/cli/main.ts"), out: "main" },
    { in: path("src/cli/exam/exam-worker.ts"), out: "exam-worker" }, // started as a thread
  ],
  outdir: path("dist/cli"),
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  packages: "external",
  sourcemap: true,
});
