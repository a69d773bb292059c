import {
  type Convolution,
  foldsIntoReaders,
  keepsOrder,
  type Shuffle,
  undoes,
} from "../analysis/index.js";
import type { Node } from "../graph/index.js";
import type { Evidence } from "../groups/index.js";
import { defineAudit } from "./audit.js";
import { nameList } from "./layers.js";

/** What Reshape, Transpose, Split, Concat and Gather are defined to do decides all of it. */
const algebra: Evidence = {
  level: "specification",
  source:
    "https://onnx.ai/onnx/operators/onnx__Transpose.html, and the other operators that move channels",
};

/** Channel shuffles that change nothing, or nothing that the weights behind them could not hold. */
export const redundantShuffle = defineAudit({
  id: "redundant-shuffle",
  title: "Every channel shuffle is needed",
  failureTitle: "Some channel shuffles are not needed",
  why: "A shuffle copies the whole tensor; it earns that only by letting groups meet that would not.",
  seedRows: [],
  needs: ["convolutions", "shuffles", "shapes"],
  messages: {
    identity: {
      text: "the shuffle {shuffle} leaves all {channels} channels where they are",
      advice: "Let what reads its output read its input instead; the numbers stay the same.",
      evidence: algebra,
      atMost: "warning",
    },
    undone: {
      text: "the shuffle {second} puts back what {first} moved: all {channels} channels are in the old order",
      advice:
        "Take out the second, and the first where nothing else reads it; constants with a number a channel between them change their order too.",
      evidence: algebra,
      atMost: "warning",
    },
    foldable: {
      text: "only dense layers read the shuffle {shuffle} of {channels} channels, and they mix all channels anyway: {readers}",
      advice:
        "Put the order of the channels into the weights of what reads them and take the shuffle out; the numbers stay the same.",
      evidence: algebra,
      atMost: "info",
    },
  },

  notApplicable: ({ shuffles }) => (shuffles.length > 0 ? null : "no node shuffles channels"),

  *check({ convolutions, shuffles, shapes }) {
    const layers = new Map(convolutions.map((convolution) => [convolution.node, convolution]));
    const undone = pairUp(shuffles);
    for (const shuffle of shuffles) {
      const convolution = layerBeside(shuffle, layers);
      if (!convolution) continue; // no layer whose groups it could serve
      const channels = shuffle.permutation.length;
      const name = labelOf(shuffle);
      const first = undone.get(shuffle);
      if (keepsOrder(shuffle)) {
        yield { message: "identity", convolution, data: { shuffle: name, channels } };
      } else if (first) {
        const data = { first: labelOf(first), second: name, channels };
        yield { message: "undone", convolution, data };
      } else if (foldsIntoReaders(shuffle, shapes)) {
        const readers = nameList(shuffle.readers.map(({ label }) => label));
        yield { message: "foldable", convolution, data: { shuffle: name, channels, readers } };
      }
    }
  },
});

function labelOf(shuffle: Shuffle): string {
  return shuffle.nodes[0].label;
}

/** Each shuffle that undoes another, with that other; none is in two pairs. */
function pairUp(shuffles: readonly Shuffle[]): ReadonlyMap<Shuffle, Shuffle> {
  const byNode = new Map<Node, Shuffle[]>();
  for (const shuffle of shuffles)
    for (const node of shuffle.nodes) {
      const sharing = byNode.get(node);
      if (sharing) sharing.push(shuffle);
      else byNode.set(node, [shuffle]);
    }
  const pairs = new Map<Shuffle, Shuffle>();
  const paired = new Set<Shuffle>();
  for (const first of shuffles) {
    if (paired.has(first)) continue;
    const next = new Set(first.readers.flatMap((node) => byNode.get(node) ?? []));
    const second = [...next].find((other) => undoes(other, first));
    if (!second) continue;
    pairs.set(second, first);
    paired.add(first).add(second);
  }
  return pairs;
}

/** How many nodes are looked at before a shuffle for the layer to name it with. */
const MOST_NODES = 32;

/** The convolution nearest before a shuffle, else one that reads it. */
function layerBeside(
  shuffle: Shuffle,
  layers: ReadonlyMap<Node, Convolution>,
): Convolution | undefined {
  const before = new Set(shuffle.input.producer ? [shuffle.input.producer] : []);
  for (const node of before) {
    const layer = layers.get(node);
    if (layer) return layer;
    for (const input of node.inputs)
      if (input?.producer && before.size < MOST_NODES) before.add(input.producer);
  }
  return shuffle.readers.map((node) => layers.get(node)).find((layer) => layer !== undefined);
}
