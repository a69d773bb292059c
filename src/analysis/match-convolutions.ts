import { allNodes, type Graph, isOutput, type Node, type Value } from "../graph/index.js";
import { convInputs, isConvolution } from "../ops/index.js";
import { BLOCKED_DOMAIN } from "../runtime/index.js";
import type { Convolution } from "./convolution.js";

/** A name that more bodies than this use is not looked into, so that no file can make this slow. */
const MOST_NAMESAKES = 64;

/**
 * The nodes of an optimised graph that run each convolution of the model. Fusion gives a convolution the output of the last operator fused
 * into it, and the blocked node is called `<output>_nchwc`; so names are looked up first as they are,
 * then along the operators that may be fused, and last without the `_token_0` of a name made anew. A
 * node found in one way is not looked for in another. Bodies may use a name twice, hence lists.
 */
export function matchConvolutions(
  convolutions: readonly Convolution[],
  optimised: Graph,
): ReadonlyMap<Convolution, readonly Node[]> {
  const nodes = [...allNodes(optimised)];
  const asNamed = groupBy(nodes, originalOutput);
  const withoutToken = groupBy(nodes, (node) => originalOutput(node)?.replace(/_token_\d+$/, ""));
  const own = (convolution: Convolution) => [convolution.y.name];
  const fused = (convolution: Convolution) => fusedOutputs(convolution.y);
  const ways = [
    { names: own, index: asNamed },
    { names: fused, index: asNamed },
    { names: own, index: withoutToken },
    { names: fused, index: withoutToken },
  ];
  const found = new Map<Convolution, readonly Node[]>();
  const taken = new Set<Node>();
  for (const { names, index } of ways) {
    const matches = convolutions
      .filter((convolution) => !found.has(convolution))
      .map((convolution) => {
        const candidates = (name: string) => {
          const nodes = index.get(name) ?? [];
          if (nodes.length > MOST_NAMESAKES) return [];
          return nodes.filter((node) => !taken.has(node) && isLike(convolution, node));
        };
        const name = names(convolution).find((name) => candidates(name).length > 0);
        return { convolution, runs: name === undefined ? [] : candidates(name) };
      });
    for (const { convolution, runs } of matches) {
      if (runs.length > 0) found.set(convolution, runs);
      for (const node of runs) taken.add(node);
    }
  }
  return found;
}

/** The value of the original model that a convolution of the optimised graph gives; undefined for others. */
function originalOutput(node: Node): string | undefined {
  const isBlocked = node.domain === BLOCKED_DOMAIN && node.op === "Conv";
  if (!isBlocked && !isConvolution(node)) return undefined;
  const name = isBlocked
    ? node.name.replace(/_nchwc(_token_\d+)?$/, "")
    : (node.outputs[0]?.name ?? "");
  return name.replace(/^InsertedPrecisionFreeCast_/, "");
}

/** More operators than are ever fused into one convolution. */
const LONGEST_FUSION = 16;

/** Names of what follows while each value has one reader, which is when the runtime may fuse them. */
function fusedOutputs(value: Value): string[] {
  const names: string[] = [];
  for (let current = value; names.length < LONGEST_FUSION; ) {
    if (current.uses.length !== 1 || isOutput(current)) break;
    const { node } = current.uses[0];
    const output = node.outputs[0];
    if (!output || isConvolution(node)) break;
    names.push(output.name);
    current = output;
  }
  return names;
}

/** Blocked weights are padded to whole blocks, so only the window is sure to stay. */
function isLike({ kernel, weightShape }: Convolution, node: Node): boolean {
  const shape = node.inputs[convInputs(node).weight]?.initializer?.shape;
  if (!shape) return true;
  return (
    shape.length === weightShape.length &&
    kernel.every((size, axis) => size === shape[axis + 2]) &&
    shape[0] >= weightShape[0] &&
    shape[1] >= weightShape[1]
  );
}

function groupBy(
  nodes: readonly Node[],
  nameOf: (node: Node) => string | undefined,
): ReadonlyMap<string, readonly Node[]> {
  const groups = new Map<string, Node[]>();
  for (const node of nodes) {
    const name = nameOf(node);
    if (name === undefined) continue;
    const group = groups.get(name);
    if (group) group.push(node);
    else groups.set(name, [node]);
  }
  return groups;
}
