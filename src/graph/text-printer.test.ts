import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { graphAsPython, normalized } from "../../tests/support/as-python.js";
import { describeGraph } from "../../tests/support/describe-model.js";
import {
  dtypeInfo,
  dtypes,
  type NumericDType,
  Rng,
  Tensor,
  tensor,
  toTyped,
} from "../tensor/index.js";
import { product, range } from "../util/math.js";
import type { Attribute, AttributeLike, Int } from "./attribute.js";
import { Graph } from "./graph.js";
import { parseModel } from "./text.js";
import { printGraph } from "./text-printer.js";
import type { Dim, ValueType } from "./types.js";
import type { Value } from "./value.js";

const fixture = (name: string) =>
  readFileSync(new URL(`./fixtures/${name}`, import.meta.url), "utf8");

describe("against ONNX's own parser and printer (see fixtures/make-text-fixtures.py)", () => {
  const text = fixture("common-subset.txt");
  const understood = normalized(JSON.parse(fixture("common-subset.json")));

  it("understands a text as onnx.parser does", async () => {
    expect(await graphAsPython(parseModel(text).graph)).toEqual(understood);
  });

  it("reads what onnx.printer writes", async () => {
    const printed = parseModel(fixture("common-subset.printed.txt")).graph;
    expect(await graphAsPython(printed)).toEqual(understood);
  });

  it("prints the very text that onnx.parser was given", () => {
    expect(printGraph(parseModel(text).graph)).toBe(text);
  });
});

it("printGraph and back is the same graph, whatever its names, types and attributes", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (seed) => {
      const graph = new Graph();
      fillRandomly(graph, new Rng(seed), 2);
      const text = printGraph(graph);
      const read = parseModel(text).graph;
      expect(await describeGraph(read)).toEqual(await describeGraph(graph));
      expect(printGraph(read)).toBe(text);
    }),
    { numRuns: 300 },
  );
});

describe("elements", () => {
  const textOf = (data: Float32Array | Float64Array) => {
    const graph = new Graph();
    graph.addInitializer(tensor(data, [data.length]), "w");
    return /\{(.*)\}\n/.exec(printGraph(graph))![1];
  };

  it("are as short as they come back exact", () => {
    expect(textOf(Float32Array.of(0.1, 1 / 3, 2 ** 24, -0, 1e-45))).toBe(
      "0.1, 0.33333334, 16777216, -0, 1e-45",
    );
    expect(textOf(Float64Array.of(0.1, 1 / 3, -0, 5e-324))).toBe(
      "0.1, 0.3333333333333333, -0, 5e-324",
    );
  });

  it("of any float32 come back exact", async () => {
    await fc.assert(
      fc.asyncProperty(fc.float32Array({ minLength: 1, maxLength: 16 }), async (data) => {
        const { graph } = parseModel(`g () => () <float[${data.length}] w = {${textOf(data)}}> {}`);
        expect((graph.find("w")!.initializer as Tensor).data).toEqual(data);
      }),
    );
  });

  it("are left out where they are many or not at hand", () => {
    const { graph } = parseModel("g () => () <float[65] filled> { y = Op<t = int64[3] {}>() }");
    graph.addInitializer(tensor(new Float32Array(64), [64]), "at most");
    graph.addInitializer(tensor(new Float32Array(65), [65]), "large");
    expect(printGraph(graph).replace(/(0, ){63}0/, "...")).toBe(`g () => ()
<
  float[65] filled,
  float[64] "at most" = {...},
  float[65] large
> {
  y = Op<t = int64[3] {}>()
}
`);
  });
});

describe("what the form has no words for", () => {
  const addOp = (graph: Graph, a: AttributeLike) => graph.addNode("Op", [], { attributes: { a } });
  const bytes = Uint8Array.of(255);

  it.each<[string, (graph: Graph) => void]>([
    ['the type of "x"', (graph) => graph.addInput("x", { kind: "opaque" })],
    ['the operator "my-op"', (graph) => graph.addNode("my-op", [])],
    ['the operator "a b.Op"', (graph) => graph.addNode("Op", [], { domain: "a b" })],
    ['the attribute name "a-b"', (graph) => graph.addNode("Op", [], { attributes: { "a-b": 1 } })],
    [
      'the attribute "a", which holds bytes',
      (graph) => addOp(graph, { type: "string", value: bytes }),
    ],
    [
      'the attribute "a" of type graphs',
      (graph) => addOp(graph, { type: "graphs", value: [graph] }),
    ],
    ['the attribute "a" of type opaque', (graph) => addOp(graph, { type: "opaque", value: null })],
  ])("%s", (what, add) => {
    const graph = new Graph();
    add(graph);
    expect(() => printGraph(graph)).toThrow(`printGraph: ${what}`);
  });
});

/** Adds inputs, initializers, nodes with attributes and (to this depth) subgraphs, and outputs. */
function fillRandomly(graph: Graph, rng: Rng, depth: number): void {
  const name = () => graph.freshName(randomText(rng) || "unnamed");
  const visible = () => {
    const values = [...graph.values, ...(graph.parent?.values ?? [])];
    return values.length === 0 || rng.integer(0, 6) === 0 ? null : pick(rng, values);
  };

  graph.name = randomText(rng);
  for (const _ of some(rng, 3)) {
    const input = graph.addInput(name(), randomType(rng));
    if (rng.integer(0, 2)) setDefault(input, randomTensor(rng));
  }
  for (const _ of some(rng, 2)) graph.addInitializer(randomTensor(rng), name());
  for (const _ of some(rng, 4)) {
    const inputs = some(rng, 3).map(visible);
    const attributes = some(rng, 3).map(() => [
      pick(rng, ["a", "b_1", "_C", "then_branch"]),
      randomAttribute(rng, graph, depth),
    ]);
    graph.addNode(pick(rng, ["Relu", "_op", "float", "Op2"]), inputs, {
      name: randomText(rng),
      domain: pick(rng, ["", "ai.onnx", "com.microsoft.x"]),
      attributes: Object.fromEntries(attributes),
      outputs: some(rng, 2).map(() =>
        rng.integer(0, 4) === 0 ? null : graph.newValue(name(), randomType(rng)),
      ),
    });
  }
  for (const _ of some(rng, 2)) {
    const output = visible();
    if (output?.graph === graph) graph.outputs.push(output);
  }
}

function setDefault(input: Value, data: Tensor): void {
  input.type = { kind: "tensor", dtype: data.dtype, shape: data.shape };
  input.initializer = data;
}

/** Names and strings that try the quoting. */
function randomText(rng: Rng): string {
  const parts = [
    "x",
    "a_1",
    "float",
    "seq",
    "inf",
    "NaN",
    '"',
    "\\",
    "#",
    " ",
    "\n",
    "1",
    "é",
    "🙂",
    "<",
    "",
  ];
  return some(rng, 2)
    .map(() => pick(rng, parts))
    .join("");
}

function randomType(rng: Rng): ValueType | null {
  const dim = (): Dim => pick(rng, [null, randomText(rng), rng.integer(0, 5)]);
  const shape = pick(rng, [null, some(rng, 3).map(dim)]);
  return pick<ValueType | null>(rng, [null, { kind: "tensor", dtype: pick(rng, dtypes), shape }]);
}

function randomAttribute(rng: Rng, graph: Graph, depth: number): Attribute {
  const int = (): Int => pick(rng, [0, -1, rng.integer(-1e9, 1e9), 2n ** 63n - 1n, -(2n ** 63n)]);
  const float = () => pick(rng, [0, -0, 1, 1e300, -1e-7, 0.1, rng.float(), Number.NaN, Infinity]);
  const list = <T>(item: () => T) => some(rng, 3).map(item);
  const makers: readonly (() => Attribute)[] = [
    () => ({ type: "int", value: int() }),
    () => ({ type: "float", value: float() }),
    () => ({ type: "string", value: randomText(rng) }),
    () => ({ type: "ints", value: list(int) }),
    () => ({ type: "floats", value: list(float) }),
    () => ({ type: "strings", value: list(() => randomText(rng)) }),
    () => ({ type: "tensor", value: randomTensor(rng) }),
    () => ({ type: "reference", value: randomText(rng) || "a" }),
    () => {
      const body = new Graph(graph);
      fillRandomly(body, rng, depth - 1);
      return { type: "graph", value: body };
    },
  ];
  return pick(rng, depth > 0 ? makers : makers.slice(0, -1))();
}

/** Of any type that is written out: numbers of any kind, or any bit pattern where patterns are written. */
function randomTensor(rng: Rng): Tensor {
  const shape = some(rng, 2).map(() => rng.integer(1, 4));
  const bytes = (width: number) =>
    Uint8Array.from({ length: width * product(shape) }, () => rng.integer(0, 256));
  const dtype = pick(rng, written);
  if (dtype === "float32" || dtype === "float64")
    return tensor(rng.normal(shape).data, shape, dtype);
  if (dtype === "bool")
    return tensor(
      bytes(1).map((byte) => byte % 2),
      shape,
      dtype,
    );
  return new Tensor(dtype, shape, toTyped(dtype, bytes(dtypeInfo(dtype).bits / 8)));
}

const written = dtypes.filter(
  (dtype): dtype is NumericDType => !/string|complex|u?int[24]$|float[46]e/.test(dtype),
);

function pick<T>(rng: Rng, items: readonly T[]): T {
  return items[rng.integer(0, items.length)];
}

/** From none to `most` things to do. */
function some(rng: Rng, most: number): number[] {
  return range(rng.integer(0, most + 1));
}
