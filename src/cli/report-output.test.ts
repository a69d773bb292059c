import { spawnSync } from "node:child_process";
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeEach, describe, expect, it } from "vitest";
import { runCli } from "../../tests/support/run-cli.js";
import { temporaryFolder } from "../../tests/support/temporary-folder.js";
import { parseModel } from "../graph/index.js";
import { encodeModel } from "../onnx/index.js";
import { Rng, writeNpy } from "../tensor/index.js";

const at = temporaryFolder();
const cli = (...args: string[]) => runCli(at(), args);
const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const look = ["--exams", "look", "--data", "x.npy"];

function inShell(args: string) {
  const jiti = path("../../node_modules/jiti/lib/jiti-cli.mjs");
  const command = `"${process.execPath}" "${jiti}" "${path("main.ts")}" ${args}`;
  return spawnSync(command, { cwd: at(), shell: true, encoding: "utf8" });
}

beforeEach(async () => {
  const model = parseModel(`<ir_version: 8, opset_import: ["" : 17]>
    net (float[N, 2, 8, 8] x) => (y) <float[2, 2, 1, 1] w = {1, 2, 3, 4}> { y = Conv(x, w) }`);
  writeFileSync(at("net.onnx"), await encodeModel(model));
  writeFileSync(at("x.npy"), writeNpy(new Rng(2).normal([4, 2, 8, 8])));
});

describe("--output never goes over what is read", () => {
  beforeEach(() => {
    symlinkSync("net.onnx", at("link.onnx"));
    linkSync(at("net.onnx"), at("hard.html"));
    symlinkSync("x.npy", at("report.html"));
    mkdirSync(at("pictures"));
    writeFileSync(at("pictures", "a.png"), "picture");
    writeFileSync(at("onnx__Conv_12"), "weights");
    writeFileSync(at("groupconv.config.json"), "{}");
  });

  it.each([
    ["the model by another name", ["exam", "net.onnx", ...look], "./none/../net.onnx", "is the mo"],
    ["the model behind a link", ["exam", "link.onnx", ...look], "net.onnx", "is the model itself"],
    ["a hard link to it", ["exam", "net.onnx", ...look], "hard.html", "is the model itself"],
    ["data", ["exam", "net.onnx", ...look], "x.npy", "is among what is read"],
    ["a link to data", ["exam", "net.onnx", ...look], "report.html", "is among what is read"],
    ["data by name", ["exam", "net.onnx", "--data", "x=x.npy"], "x.npy", "is among what is read"],
    ["audit's data", ["audit", "net.onnx", "--exam", ...look], "x.npy", "is among what is read"],
    ["a picture", ["exam", "net.onnx", "--data", "pictures"], "pictures/a.png", "exists, and by i"],
    ["the configuration", ["audit", "net.onnx"], "groupconv.config.json", "is among what is read"],
    ["one not read", ["exam", "net.onnx", ...look], "groupconv.config.json", "exists, and by its"],
    ["weights", ["audit", "net.onnx"], "onnx__Conv_12", "exists, and by its name is no report"],
  ])("%s", async (_, args, output, reason) => {
    const before = readdirSync(at()).map((name) => [name, contentOf(name)]);
    const { err, code } = await cli(...args, "--output", output);
    expect(err).toContain(`error: --output ${output} ${reason}`);
    expect(code).toBe(2);
    expect(readdirSync(at()).map((name) => [name, contentOf(name)])).toEqual(before);
  });

  const contentOf = (name: string) =>
    readFileSync(name === "pictures" ? at(name, "a.png") : at(name), "hex");
});

it("a report takes the place of an earlier one", async () => {
  writeFileSync(at("report.md"), "earlier");
  expect((await cli("exam", "net.onnx", ...look, "--output", "report.md")).code).toBe(0);
  expect(readFileSync(at("report.md"), "utf8")).toContain("look");
});

it.each([["exam"], ["audit"]])("%s refuses --json beside another --format", async (command) => {
  const { err, out, code } = await cli(command, "net.onnx", "--json", "--format", "html");
  expect(err).toBe(
    "error: --json is --format json, and --format html is given: give one of them\n",
  );
  expect([out, code]).toEqual(["", 2]);
  expect((await cli("audit", "net.onnx", "--json", "--format", "json")).code).toBe(0);
});

it.runIf(existsSync("/dev/stdout"))("/dev/stdout is written behind what a file has", () => {
  writeFileSync(at("log.txt"), "earlier\n");
  const output = "--output /dev/stdout --format markdown";
  expect(inShell(`audit net.onnx ${output} >> log.txt`).status).toBe(0);
  expect(readFileSync(at("log.txt"), "utf8")).toMatch(/^earlier\n### groupconv: `net\.onnx`/);
});

it.runIf(existsSync("/dev/full"))("a full disk behind stdout is said in a sentence", () => {
  const { stderr, status } = inShell("audit net.onnx > /dev/full");
  expect(stderr).toBe('error: cannot write "standard output": the disk is full\n');
  expect(status).toBe(2);
});
