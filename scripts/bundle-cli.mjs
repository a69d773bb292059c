// Makes the command line of one file instead of 250: finding and loading those took longer than all else
// that happens before a command runs. What is loaded on demand stays apart, and so do packages.
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const path = (file) => fileURLToPath(new URL(`../${file}`, import.meta.url));

await build({
  entryPoints: [path("src/cli/main.ts")],
  outdir: path("dist/cli"),
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  packages: "external",
  sourcemap: true,
});
