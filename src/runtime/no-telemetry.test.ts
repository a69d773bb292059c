import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { temporaryFolder } from "../../tests/support/temporary-folder.js";
import { parseModel } from "../graph/index.js";
import { encodeModel } from "../onnx/index.js";

const at = temporaryFolder();
const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

it("keeps the runtime from reporting the models that it loads", async () => {
  const model = parseModel(`<ir_version: 8, opset_import: ["" : 17]>
    net (float[N, 2, 8, 8] x) => (y) <float[2, 2, 1, 1] w = {1, 2, 3, 4}> { y = Conv(x, w) }`);
  writeFileSync(at("net.onnx"), await encodeModel(model));
  mkdirSync(at("home"));
  const { CI, ORT_DISABLE_TELEMETRY, ...env } = process.env; // either would keep it quiet
  const { status } = spawnSync(
    process.execPath,
    [path("../../node_modules/jiti/lib/jiti-cli.mjs"), path("../cli/main.ts"), "audit", "net.onnx"],
    { cwd: at(), env: { ...env, HOME: at("home"), XDG_CACHE_HOME: at("home") } },
  );
  expect(status).toBe(0);
  // Where it reports, it first makes a number for this machine, and a file for what is still to be sent.
  const left = readdirSync(at("home"), { recursive: true, encoding: "utf8" });
  expect(left.filter((name) => /onnxruntime|microsoft/i.test(name))).toEqual([]);
});
