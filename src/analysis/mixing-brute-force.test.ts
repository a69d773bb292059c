import fc from "fast-check";
import * as ort from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { Graph, type Model, type Node, type Value } from "../graph/index.js";
import { encodeModel } from "../onnx/index.js";
import { convAttributes, GraphBuilder, isConvolution, newModel } from "../ops/index.js";
import { inferShapes } from "../runtime/index.js";
import { full, Rng } from "../tensor/index.js";
import { product, range } from "../util/math.js";
import { findConvolutions } from "./convolution.js";
import type { Meeting, Mixing } from "./mixing.js";
import { Parts } from "./parts.js";
import { surveyMixing } from "./survey-mixing.js";

/**
 * What becomes of groups against brute force. The random network behind a grouped convolution is run by
 * ONNX Runtime with the convolution cut out: its output is an input of the graph, so that the channels of
 * each group can be changed alone, and those of the input around it, and see what else changes. Gates are
 * told from content by a second run, in which they are constants. Operators that can hide a change (Relu,
 * MaxPool) are left out; they keep labels as those that are in.
 */

const CHANNELS = 8;
const SIZE = 3;
const SHAPE = [1, CHANNELS, SIZE, SIZE];

interface Seen {
  readonly value: Value;
  readonly shape: readonly number[];
}

/** Writes a few nodes behind the last value seen; null when it does not fit. */
type Step = (net: Net, last: Seen) => Seen | null;

const steps: Readonly<Record<string, Step>> = {
  dense: (net, { value, shape }) => ({
    value: net.conv(value, [CHANNELS, shape[1], 1, 1]),
    shape: shape.with(1, CHANNELS),
  }),
  halves: (net, { value, shape }) => grouped(net, value, shape, 2),
  quarters: (net, { value, shape }) => grouped(net, value, shape, 4),
  depthwise: (net, { value, shape }) => grouped(net, value, shape, shape[1]),
  widen: (net, { value, shape: [n, c, h, w] }) =>
    c < 16 ? { value: net.conv(value, [2 * c, 1, 1, 1], c), shape: [n, 2 * c, h, w] } : null,
  batchNorm: (net, { value, shape }) => {
    const [scale, mean] = [net.weight([shape[1]]), net.weight([shape[1]])];
    const ones = net.g.constant(new Rng(1).uniform([shape[1]], 0.9, 1.1));
    return { value: net.g.op("BatchNormalization", [value, scale, mean, mean, ones]), shape };
  },
  shuffle: (net, { value, shape: [n, c, h, w] }) => {
    if (c % 2 !== 0) return null;
    const { g } = net;
    const cut = g.transpose(g.reshape(value, [n, 2, c / 2, h, w]), [0, 2, 1, 3, 4]);
    return { value: g.reshape(cut, [n, c, h, w]), shape: [n, c, h, w] };
  },
  swap: (net, { value, shape }) => {
    if (shape[1] < 4) return null;
    const [a, b] = net.g.ops("Split", [value, net.g.ints([3, shape[1] - 3])], { axis: 1 }, 2);
    return { value: net.g.op("Concat", [b, a], { axis: 1 }), shape };
  },
  half: (net, { value, shape }) => {
    const half = shape[1] / 2;
    if (!Number.isInteger(half)) return null;
    const { g } = net;
    const value2 = g.op("Slice", [value, g.ints([0]), g.ints([half]), g.ints([1])]);
    return { value: value2, shape: shape.with(1, half) };
  },
  addInput: (net, last) => net.add(last, net.x),
  addDenseOfInput: (net, last) => net.add(last, () => net.conv(net.x, [last.shape[1], 8, 1, 1])),
  addGroupedOfInput: (net, last) =>
    last.shape[1] % net.groups === 0
      ? net.add(last, () =>
          net.conv(net.x, [last.shape[1], CHANNELS / net.groups, 1, 1], net.groups),
        )
      : null,
  addOther: (net, last) => net.add(last, () => net.conv(net.other, [last.shape[1], 8, 1, 1])),
  addEarlier: (net, last) => {
    const same = net.seen.find(({ shape }) => String(shape) === String(last.shape));
    return same ? net.add(last, same.value) : null;
  },
  besideInput: (net, { value, shape: [n, c, h, w] }) =>
    h === SIZE && c <= 8
      ? { value: net.g.op("Concat", [value, net.x], { axis: 1 }), shape: [n, c + CHANNELS, h, w] }
      : null,
  squeezeExcite: (net, last) => net.gate(last, last.value, last.shape[1]),
  gateByInput: (net, last) => net.gate(last, net.x, CHANNELS),
  either: (net, { value, shape }) => {
    const { graph } = net.model;
    const branch = (op: string) => {
      const body = new Graph(graph);
      body.name = op;
      body.outputs.push(body.addNode(op, [value], { name: graph.freshName(op) }).outputs[0]!);
      return body;
    };
    const which = net.g.constant(full([], 1, "bool"));
    const branches = { then_branch: branch("Tanh"), else_branch: branch("Neg") };
    return { value: net.g.op("If", [which], branches), shape };
  },
  globalPool: (net, { value, shape: [n, c, h] }) =>
    h === SIZE ? { value: net.g.op("GlobalAveragePool", [value]), shape: [n, c, 1, 1] } : null,
};

function grouped(net: Net, value: Value, shape: readonly number[], groups: number): Seen | null {
  const [, c] = shape;
  if (groups < 2 || c % groups !== 0) return null;
  return { value: net.conv(value, [c, c / groups, 1, 1], groups), shape };
}

interface Recipe {
  readonly groups: number;
  readonly outChannels: number;
  /** The seed of every weight. */
  readonly seed: number;
  readonly names: readonly string[];
  /** Which values, besides the last, are outputs of the network. */
  readonly outputs: readonly boolean[];
}

/** One spelling of a network: whole, or cut at the convolution, with gates or constants for them. */
class Net {
  readonly model = newModel("random");
  readonly g = new GraphBuilder(this.model.graph);
  readonly x = this.g.input("x", SHAPE);
  readonly other = this.g.input("other", SHAPE);
  readonly y: Value;
  readonly groups: number;
  readonly rng: Rng;
  /** What a gate is made of, which no audit asks about. */
  readonly inGates = new Set<Node>();
  readonly seen: Seen[];

  constructor(
    recipe: Recipe,
    readonly form: { readonly isCut: boolean; readonly hasGates: boolean },
  ) {
    const { groups, outChannels, seed, names } = recipe;
    this.groups = groups;
    this.rng = new Rng(seed);
    const shape = SHAPE.with(1, outChannels);
    const weight = this.rng.normal([outChannels, CHANNELS / groups, 1, 1], 0, 0.5);
    this.y = form.isCut
      ? this.g.input("y", shape)
      : this.g.op("Conv", [this.x, this.g.constant(weight)], { group: groups });
    this.seen = [{ value: this.y, shape }];
    for (const name of names) {
      const next = steps[name](this, this.seen.at(-1)!);
      if (next) this.seen.push(next);
    }
  }

  /** Every value that is no part of a gate, in order, with the node that writes it. */
  get written(): { value: Value; node: Node }[] {
    return this.model.graph.nodes
      .filter((node) => !this.inGates.has(node))
      .flatMap((node) => node.outputs.map((value) => ({ value: value!, node })));
  }

  weight(shape: readonly number[]): Value {
    const fanIn = shape.length === 1 ? 1 : product(shape.slice(1));
    return this.g.constant(this.rng.normal([...shape], 0, 1 / Math.sqrt(fanIn)));
  }

  conv(x: Value, shape: readonly number[], group = 1): Value {
    return this.g.op("Conv", [x, this.weight(shape)], { group });
  }

  /** @param added Of the shape of the input, or made to fit. */
  add({ value, shape }: Seen, added: Value | (() => Value)): Seen | null {
    const isMade = typeof added === "function";
    const fits = isMade || added !== this.x || shape[1] === CHANNELS;
    if (!fits || (shape[2] !== SIZE && (isMade || added === this.x))) return null;
    return { value: this.g.op("Add", [value, isMade ? added() : added]), shape };
  }

  gate({ value, shape }: Seen, source: Value, sourceChannels: number): Seen | null {
    if (shape[2] !== SIZE) return null;
    const { g } = this;
    const weight = this.weight([shape[1], sourceChannels, 1, 1]);
    const constant = g.constant(this.rng.uniform([1, shape[1], 1, 1], 0.4, 0.6));
    if (!this.form.hasGates) return { value: g.op("Mul", [value, constant]), shape };
    const pooled = g.op("GlobalAveragePool", [source]);
    const inner = g.op("Conv", [pooled, weight]);
    const gate = g.op("Sigmoid", [inner]);
    for (const part of [pooled, inner, gate]) this.inGates.add(part.producer!);
    return { value: g.op("Mul", [value, gate]), shape };
  }
}

/** What reaches one row of a value. */
interface Reach {
  /** Groups whose content reaches it, and those of the input around the convolution. */
  readonly content: ReadonlySet<number>;
  readonly bypass: ReadonlySet<number>;
  /** Both of these, gates included. */
  readonly any: ReadonlySet<number>;
  readonly hasOther: boolean;
}

/** For each value written, its rows. */
async function reachByBruteForce(recipe: Recipe): Promise<Reach[][]> {
  const frozen = await changes(recipe, false);
  const gated = await changes(recipe, true);
  return frozen.map((rows, v) =>
    rows.map(({ content, bypass, hasOther }, row) => ({
      content,
      bypass,
      any: new Set([...gated[v][row].content, ...gated[v][row].bypass]),
      hasOther,
    })),
  );
}

interface Changes {
  readonly content: Set<number>;
  readonly bypass: Set<number>;
  hasOther: boolean;
}

async function changes(recipe: Recipe, hasGates: boolean): Promise<Changes[][]> {
  const { groups, outChannels } = recipe;
  const net = new Net(recipe, { isCut: true, hasGates });
  const values = net.written.map(({ value }) => value);
  for (const value of values) net.g.output(value);
  const session = await ort.InferenceSession.create(await encodeModel(net.model), {
    graphOptimizationLevel: "disabled",
    intraOpNumThreads: 1,
    logSeverityLevel: 4,
  });
  const rng = new Rng(7);
  const draw = (channels: number) =>
    rng.normal([channels, SIZE, SIZE], 0, 0.3).data as Float32Array;
  const base = { x: draw(CHANNELS), other: draw(CHANNELS), y: draw(outChannels) };
  const run = async (feeds: Record<string, Float32Array>) => {
    const tensors = Object.entries(feeds)
      .filter(([name]) => session.inputNames.includes(name))
      .map(([name, data]) => {
        const channels = data.length / SIZE ** 2;
        return [name, new ort.Tensor("float32", data, [1, channels, SIZE, SIZE])] as const;
      });
    const outputs = await session.run(Object.fromEntries(tensors));
    return values.map((value) => {
      const { data, dims } = outputs[value.name];
      return { data: data as Float32Array, width: dims.at(-1)! };
    });
  };
  const before = await run(base);
  const found = before.map(({ data, width }) =>
    range(data.length / width).map(
      (): Changes => ({ content: new Set(), bypass: new Set(), hasOther: false }),
    ),
  );
  const change = async (name: keyof typeof base, from: number, to: number) => {
    const touched = new Set<Changes>();
    for (const delta of [0.07, -0.19, 0.37]) {
      const data = base[name].slice();
      for (let k = from * SIZE ** 2; k < to * SIZE ** 2; k++) data[k] += delta * (2 + Math.sin(k));
      const after = await run({ ...base, [name]: data });
      after.forEach(({ data: numbers, width }, v) => {
        numbers.forEach((number, k) => {
          if (number !== before[v].data[k]) touched.add(found[v][Math.floor(k / width)]);
        });
      });
    }
    return touched;
  };
  for (const group of range(groups)) {
    const [ins, outs] = [CHANNELS / groups, outChannels / groups];
    for (const row of await change("y", group * outs, (group + 1) * outs)) row.content.add(group);
    for (const row of await change("x", group * ins, (group + 1) * ins)) row.bypass.add(group);
  }
  for (const row of await change("other", 0, CHANNELS)) row.hasOther = true;
  await session.release();
  return found;
}

interface Fate {
  status: Mixing["status"];
  mixedBy: string | null;
  parts: number;
  groupedConvs: string[];
  poolings: string[];
  norms: string[];
  outputs: string[];
}

/** What becomes of the groups, worked out of what reaches what. */
function judge(net: Net, outputs: readonly Value[], reach: readonly Reach[][]) {
  const rowsOf = new Map(net.written.map(({ value }, v) => [value, reach[v]]));
  // The convolution itself stands first in the whole network, and is none in the cut one.
  const content = (value: Value) => rowsOf.get(value)!.filter((row) => row.content.size > 0);
  const groupsIn = ({ content, bypass }: Reach) => [...content, ...bypass];
  const partsOf = (value: Value, groupsOf: (row: Reach) => number[]) => {
    const parts = new Parts(net.groups);
    for (const row of content(value)) parts.join(groupsOf(row));
    return parts.countAmong(content(value).flatMap(groupsOf));
  };
  const met = new Parts(net.groups);
  const metInGain = new Parts(net.groups);
  let mixedBy: Node | null = null;
  let mixedInGainBy: Node | null = null;
  let joinedAt: Node | null = null;
  const lists = { groupedConvs: [] as string[], poolings: [] as string[], norms: [] as string[] };
  for (const { value, node } of net.written) {
    for (const row of content(value)) {
      met.join(groupsIn(row));
      metInGain.join([...row.any]);
      if (row.bypass.size > 0 || row.hasOther) joinedAt ??= node;
    }
    if (met.count === 1) mixedBy ??= node;
    if (metInGain.count === 1) mixedInGainBy ??= node;
    const read = node.inputs[0]!;
    if (value === net.y || !rowsOf.has(read)) continue;
    const [before, after] = [partsOf(read, groupsIn), partsOf(value, groupsIn)];
    if (before < 2) continue;
    const line = `${node.label} ${before} -> ${after}`;
    if (isConvolution(node) && convAttributes(node).groups > 1) lists.groupedConvs.push(line);
    if (node.op === "GlobalAveragePool") lists.poolings.push(line);
    if (node.op === "BatchNormalization") lists.norms.push(line);
  }
  const apart = outputs.filter((value) => partsOf(value, groupsIn) > 1);
  const isGain =
    metInGain.count === 1 && apart.every((value) => partsOf(value, (row) => [...row.any]) === 1);
  const isMixed = apart.length === 0 && met.count === 1;
  const parts = Math.max(...apart.map((value) => partsOf(value, groupsIn)));
  const fate: Fate = {
    status: isMixed ? "mixed" : isGain ? "gain" : "separate",
    mixedBy: (isMixed ? mixedBy : isGain ? mixedInGainBy : null)?.label ?? null,
    parts: apart.length > 0 ? parts : met.count,
    ...lists,
    outputs: apart.map((value) => `${value.name}: ${partsOf(value, groupsIn)}`).sort(),
  };
  return { fate, joinedAt, mixedAt: mixedBy };
}

function describeFate(found: Mixing): Fate {
  const line = ({ node, partsBefore, partsAfter }: Meeting) =>
    `${node.label} ${partsBefore} -> ${partsAfter}`;
  return {
    status: found.status,
    mixedBy: found.mixedBy?.label ?? null,
    parts: found.separateParts,
    groupedConvs: found.groupedConvs.map(line),
    poolings: found.poolings.map(line),
    norms: found.norms.map(line),
    outputs: found.outputs.map(({ value, parts }) => `${value.name}: ${parts}`).sort(),
  };
}

async function compare(recipe: Recipe): Promise<Mixing["status"]> {
  const net = new Net(recipe, { isCut: false, hasGates: true });
  const outputs = net.seen
    .map(({ value }) => value)
    .filter((_, i) => i === net.seen.length - 1 || recipe.outputs[i]);
  for (const output of new Set(outputs)) net.g.output(output);
  const found = await followed(net.model, net.y);

  const whole: Reach[] = range(recipe.outChannels).map((channel) => {
    const group = Math.floor((channel * recipe.groups) / recipe.outChannels);
    const content = new Set([group]);
    return { content, bypass: new Set(), any: content, hasOther: false };
  });
  const reach = net.seen.length === 1 ? [] : await reachByBruteForce(recipe);
  const { fate, joinedAt, mixedAt } = judge(net, outputs, [whole, ...reach]);
  const order = net.model.graph.nodes;
  const why = `${recipe.groups} groups -> ${recipe.names.join(" -> ")}, seed ${recipe.seed}`;
  expect(describeFate(found), why).toEqual(fate);
  expect(found.unknownAt, why).toBeNull();
  // Once all is mixed nobody looks for joinings any more.
  if (found.joinedAt) expect(found.joinedAt.label, why).toBe(joinedAt?.label);
  else if (joinedAt) expect(order.indexOf(joinedAt), why).toBeGreaterThan(order.indexOf(mixedAt!));
  return found.status;
}

async function followed(model: Model, y: Value): Promise<Mixing> {
  const shapes = await inferShapes(model);
  const mixing = await surveyMixing(model, findConvolutions(model, shapes), shapes);
  return [...mixing].find(([convolution]) => convolution.y === y)![1];
}

describe("what becomes of groups, by brute force", () => {
  it("is so in random networks", async () => {
    const statuses = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          groups: fc.constantFrom(2, 4, 8),
          outChannels: fc.constantFrom(8, 16),
          seed: fc.integer({ min: 0, max: 2 ** 31 }),
          names: fc.array(fc.constantFrom(...Object.keys(steps)), { maxLength: 6 }),
          outputs: fc.array(
            fc.integer({ min: 0, max: 5 }).map((die) => die === 0),
            { minLength: 8, maxLength: 8 },
          ),
        }),
        async (recipe) => {
          const status = await compare(recipe);
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
        },
      ),
      { numRuns: 300, seed: 20261123 },
    );
    // The networks are no test unless each thing becomes of some.
    for (const status of ["mixed", "separate", "gain"])
      expect(statuses.get(status)).toBeGreaterThan(9);
  });

  it.each(Object.keys(steps))("is so after %s", async (name) => {
    for (const groups of [2, 4, 8]) {
      const outputs: boolean[] = [];
      await compare({ groups, outChannels: 8, seed: groups, outputs, names: [name] });
      await compare({
        groups,
        outChannels: 16,
        seed: 9,
        outputs,
        names: ["shuffle", name, "halves"],
      });
    }
  });
});
