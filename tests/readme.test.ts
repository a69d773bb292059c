import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "@stricli/core";
import sharp from "sharp";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { app } from "../src/cli/app.js";
import { checkConfig } from "../src/cli/config-schema.js";
import { parseModel, writeModel } from "../src/index.node.js";
import { temporaryFolder } from "./support/temporary-folder.js";

/** What a reader pastes has to work. */

const root = fileURLToPath(new URL("..", import.meta.url));
const pages = [
  "README.md",
  "README.zh-CN.md",
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md"))
    .map((file) => join("docs", file)),
];

/** The fenced blocks of a language in a page. */
function blocks(page: string, language: string): string[] {
  const text = readFileSync(join(root, page), "utf8");
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, name, body]) =>
    name === language ? [body] : [],
  );
}

it("the code in the pages type-checks", () => {
  const folder = join(root, "tests", ".examples");
  mkdirSync(folder, { recursive: true });
  try {
    const files = pages.flatMap((page) =>
      blocks(page, "ts").map((source, i) => {
        const file = join(folder, `${page.replace(/\W/g, "-")}-${i}.ts`);
        writeFileSync(file, `${source}\nexport {};\n`);
        return file;
      }),
    );
    expect(files.length).toBeGreaterThan(4);
    const program = ts.createProgram(files, {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      customConditions: ["node"],
      lib: ["lib.es2023.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
      types: ["node"],
      strict: true,
      skipLibCheck: true,
      noEmit: true,
      paths: {
        groupconv: [join(root, "src/index.node.ts")],
        "groupconv/nn": [join(root, "src/nn/index.ts")],
        "groupconv/train": [join(root, "src/train/index.ts")],
        "groupconv/exams": [join(root, "src/exams/index.node.ts")],
      },
    });
    const messages = ts
      .getPreEmitDiagnostics(program)
      .filter(({ file }) => file && files.includes(file.fileName))
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
    expect(messages).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 120_000);

it.each(["README.md", "README.zh-CN.md"])("the configuration in %s is a valid one", (page) => {
  const [config, ...others] = blocks(page, "json");
  expect(others).toEqual([]);
  expect(checkConfig(JSON.parse(config)).problems).toEqual([]);
});

describe("the commands in the READMEs", () => {
  const at = temporaryFolder();
  const commands = ["README.md", "README.zh-CN.md"].flatMap((page) =>
    blocks(page, "sh").flatMap((block) =>
      [...block.matchAll(/^npx groupconv (.*?)(?: +#.*)?$/gm)].map(([, args]) => args),
    ),
  );

  it.each(commands)("groupconv %s", async (args) => {
    const text = `g (float[N, 3, H, W] x) => (float[] y) <float[8, 3, 3, 3] w, float[8, 2, 1, 1] v> {
      a = Conv(x, w) y = Conv<group = 4>(a, v) }`;
    await writeModel(at("model.onnx"), parseModel(text));
    mkdirSync(at("photos"));
    for (const background of ["teal", "navy"])
      await sharp({ create: { width: 32, height: 32, channels: 3, background } })
        .composite([{ input: Buffer.from("<svg><circle cx='15' cy='12' r='9'/></svg>") }])
        .toFile(at("photos", `${background}.png`));
    let said = "";
    const write = (text: string) => {
      said += text;
    };
    const process = {
      stdout: { write },
      stderr: { write },
      env: {},
      exitCode: undefined as unknown,
    };
    await run(app, args.split(/\s+/), { process, cwd: at() } as never);
    expect([undefined, 0, 1], said).toContain(process.exitCode);
    expect(said).not.toBe("");
  });
});
