import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { growth, LINEAR } from "../../tests/support/growth.js";
import { GraphError } from "../util/errors.js";
import { range } from "../util/math.js";
import { Graph } from "./graph.js";
import type { Node } from "./node.js";
import { capturedValues, topologicalOrder, valuesRead } from "./order.js";

/** Node i reads what the nodes `reads[i]` write; they stand in the graph in the order of `places`. */
function graphOf(reads: readonly (readonly number[])[], places = range(reads.length)): Graph {
  const graph = new Graph();
  const values = reads.map((_, i) => graph.newValue(`v${i}`));
  for (const i of places) {
    const inputs = reads[i].map((j) => values[j]);
    graph.addNode("Sum", inputs, { name: `n${i}`, outputs: [values[i]] });
  }
  return graph;
}

const names = (nodes: readonly Node[]) => nodes.map((node) => node.name).join(" ");

/** Again and again the first node in the graph's order whose producers are all done. */
function orderByHand(graph: Graph): Node[] {
  const done = new Set<Node>();
  while (done.size < graph.nodes.length)
    done.add(
      graph.nodes.find(
        (node) =>
          !done.has(node) && valuesRead(node).every((v) => !v.producer || done.has(v.producer)),
      )!,
    );
  return [...done];
}

/** Each node reads some of those before it (so there is no cycle), then all are shuffled. */
const shuffledGraph = fc
  .integer({ min: 0, max: 12 })
  .chain((size) =>
    fc
      .tuple(
        fc.tuple(...range(size).map((i) => (i === 0 ? fc.constant([]) : fc.subarray(range(i))))),
        fc.shuffledSubarray(range(size), { minLength: size }),
      )
      .map(([reads, places]) => graphOf(reads, places)),
  );

describe("topologicalOrder", () => {
  it("puts each node after what it reads, and otherwise keeps the given order", () => {
    fc.assert(
      fc.property(shuffledGraph, (graph) => {
        expect(topologicalOrder(graph)).toEqual(orderByHand(graph));
      }),
    );
  });

  it("leaves an order alone that is topological already", () => {
    fc.assert(
      fc.property(shuffledGraph, (graph) => {
        const sorted = new Graph();
        const copies = new Map(topologicalOrder(graph).map((node) => [node, node]));
        for (const node of copies.keys())
          sorted.addNode(
            "Sum",
            node.inputs.map((input) => sorted.find(input!.name)!),
            { name: node.name, outputs: [sorted.newValue(node.outputs[0]!.name)] },
          );
        expect(topologicalOrder(sorted)).toEqual(sorted.nodes);
      }),
    );
  });

  it("sorts backwards: 2 reads 1 reads 0, given as 2 1 0", () => {
    expect(names(topologicalOrder(graphOf([[], [0], [1]], [2, 1, 0])))).toBe("n0 n1 n2");
  });

  it("moves only what must move: 3 waits for 4, the others stay", () => {
    const graph = graphOf([[], [], [], [4], []]);
    expect(names(topologicalOrder(graph))).toBe("n0 n1 n2 n4 n3");
  });

  it("is not confused by a value that is read twice", () => {
    expect(names(topologicalOrder(graphOf([[1, 1], []])))).toBe("n1 n0");
  });

  it("counts what a subgraph reads, however deep, as read by its owner", () => {
    const graph = new Graph();
    const [late, out] = [graph.newValue("late"), graph.newValue("out")];
    const inner = new Graph(new Graph(graph));
    inner.addNode("Relu", [late]);
    inner.parent!.addNode("If", [], { name: "inner", attributes: { then_branch: inner } });
    const owner = graph.addNode("If", [], {
      attributes: { then_branch: inner.parent! },
      outputs: [out],
    });
    const producer = graph.addNode("Abs", [], { outputs: [late] });
    expect(topologicalOrder(graph)).toEqual([producer, owner]);
    expect(valuesRead(owner)).toEqual([late]);
    expect(capturedValues(inner.parent!)).toEqual([late]);
  });

  it("counts what a subgraph returns from outside as read by its owner", () => {
    const graph = new Graph();
    const late = graph.newValue("late");
    const body = new Graph(graph);
    body.outputs.push(late);
    const owner = graph.addNode("If", [], { attributes: { then_branch: body } });
    const producer = graph.addNode("Abs", [], { outputs: [late] });
    expect(topologicalOrder(graph)).toEqual([producer, owner]);
  });

  it("gives every captured value once", () => {
    const graph = new Graph();
    const x = graph.addInput("x", null);
    const body = new Graph(graph);
    body.addNode("Add", [x, x]);
    body.addNode("Relu", [x]);
    expect(capturedValues(body)).toEqual([x]);
  });
});

describe("a cycle", () => {
  const message = (graph: Graph) => {
    try {
      topologicalOrder(graph);
    } catch (error) {
      expect(error).toBeInstanceOf(GraphError);
      return (error as GraphError).message;
    }
    throw new Error("no cycle was found");
  };

  it("is named in the direction of the data", () => {
    // 0 -> 1 -> 2 -> 0, and 3 hangs off it
    expect(message(graphOf([[2], [0], [1], [2]]))).toBe(
      'the graph has a cycle: "n0" -> "n1" -> "n2" -> "n0"',
    );
  });

  it("is found behind nodes that only wait for it", () => {
    expect(message(graphOf([[1], [2], [3], [2]]))).toBe(
      'the graph has a cycle: "n2" -> "n3" -> "n2"',
    );
  });

  it("may be one node long", () => {
    expect(message(graphOf([[0]]))).toBe('the graph has a cycle: "n0" -> "n0"');
  });

  it("may pass through a subgraph", () => {
    const graph = new Graph();
    const out = graph.newValue("out");
    const body = new Graph(graph);
    body.addNode("Relu", [out]);
    graph.addNode("If", [], { name: "if", attributes: { then_branch: body }, outputs: [out] });
    expect(message(graph)).toBe('the graph has a cycle: "if" -> "if"');
  });

  it("shows hostile names escaped and cut", () => {
    const graph = new Graph();
    const v = graph.newValue("v");
    graph.addNode("Relu", [v], { name: `\u001b[2J${"x".repeat(1000)}`, outputs: [v] });
    expect(message(graph)).toMatch(/^the graph has a cycle: "\\u\{1b\}\[2Jx+…x+" -> "[^"]*"$/);
    expect(message(graph).length).toBeLessThan(200);
  });
});

describe("200,000 nodes", () => {
  const size = 200_000;
  const chain = (n: number) => graphOf(range(n).map((i) => (i === 0 ? [] : [i - 1])));
  const backwards = (n: number) =>
    graphOf(
      range(n).map((i) => (i === 0 ? [] : [i - 1])),
      range(n).reverse(),
    );

  it("in a chain, given backwards, come out in order", () => {
    const order = topologicalOrder(backwards(size));
    expect([order[0].name, order[1].name, order.at(-1)!.name]).toEqual(["n0", "n1", "n199999"]);
  });

  it("in a cycle are described in one short line", () => {
    const cycle = graphOf(range(size).map((i) => [(i + size - 1) % size]));
    expect(() => topologicalOrder(cycle)).toThrow(
      'the graph has a cycle: "n0" -> "n1" -> "n2" -> "n3" -> ... 199993 more ... -> "n199997" -> "n199998" -> "n199999" -> "n0"',
    );
  });

  it("captured by one subgraph are all found", () => {
    const graph = chain(size);
    const body = new Graph(graph);
    body.addNode("Concat", [...graph.values]);
    const owner = graph.addNode("If", [], { attributes: { then_branch: body }, at: 0 });
    expect(valuesRead(owner)).toHaveLength(size);
    expect(topologicalOrder(graph).at(-1)).toBe(owner);
  });

  it.each([
    ["a chain backwards", backwards],
    ["one value read by all", (n: number) => graphOf(range(n).map((i) => (i === 0 ? [] : [0])))],
    ["all read by the first", (n: number) => graphOf([range(1, n), ...range(1, n).map(() => [])])],
  ])("%s: the time grows as the graph does", async (_, make) => {
    const ratio = await growth(4_000, (n) => {
      const graph = make(n);
      return () => topologicalOrder(graph);
    });
    expect(ratio).toBeLessThan(LINEAR);
  });
});
