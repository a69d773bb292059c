import type { RoleOverride, Survey } from "../analysis/index.js";
import { allNodes, type Graph, isOp, type Model, type Node } from "../graph/index.js";
import { count } from "../util/text.js";

/** What a reader must know to trust the rest, in sentences. */
export function notes(
  surveyed: Survey,
  unconfirmed: string | null,
  unmatched: readonly RoleOverride[],
): string[] {
  const notes: string[] = [];
  for (const { name, shape, source } of surveyed.inputs)
    if (source === "default")
      notes.push(
        `input ${name} has no fixed shape; ${shape?.join("x")} was taken (say --input ${name}=${shape})`,
      );
  if (surveyed.shapesMissing !== null)
    notes.push(`no shapes, MACs and what follows from them: ${surveyed.shapesMissing}`);
  if (unconfirmed !== null) notes.push(`fast paths are predicted, not read back: ${unconfirmed}`);
  for (const { pattern, role } of unmatched)
    notes.push(`no layer is named ${pattern}, which was to be ${role}`);
  notes.push(...notesOnBodies(surveyed));
  const { functions } = surveyed.model;
  if (functions.length > 0)
    notes.push(
      `${count(functions.length, "function")} of the model ${functions.length === 1 ? "is" : "are"} looked at alone, not where ${functions.length === 1 ? "it is" : "they are"} called`,
    );
  return notes;
}

/** What the numbers of layers in control flow mean: how often these run is not in the file. */
function notesOnBodies({ model, convolutions, shapesMissing }: Survey): string[] {
  const owners = ownersOfBodies(model);
  if (owners.size === 0) return [];
  const around = convolutions.map(({ node }) => nodesAround(node, owners));
  const inLoops = convolutions.filter((_, i) => around[i].some((node) => !isOp(node, "If")));
  const inBranches = around.filter((nodes) => nodes.some((node) => isOp(node, "If"))).length;
  const notes: string[] = [];
  if (inLoops.length > 0)
    notes.push(
      `${standing(inLoops.length)} in the bodies of loops: MACs are those of one iteration, and where groups meet is followed to the end of the body`,
    );
  const shapeless = inLoops.filter(({ macs }) => macs === null).length;
  if (shapeless > 0 && shapesMissing === null)
    notes.push(
      `${count(shapeless, "layer")} of loops ${shapeless === 1 ? "has" : "have"} no MACs: from one iteration to the next shapes change, or nobody can say`,
    );
  if (inBranches > 0)
    notes.push(
      `${standing(inBranches)} in the branches of If: the sums count every branch, and one of each two runs`,
    );
  return notes;
}

function standing(layers: number): string {
  return layers === 1 ? "1 layer stands" : `${layers} layers stand`;
}

function ownersOfBodies(model: Model): ReadonlyMap<Graph, Node> {
  const owners = new Map<Graph, Node>();
  for (const node of allNodes(model.graph))
    for (const body of node.subgraphs) owners.set(body, node);
  return owners;
}

function nodesAround(node: Node, owners: ReadonlyMap<Graph, Node>): Node[] {
  const around: Node[] = [];
  for (let owner = owners.get(node.graph); owner; owner = owners.get(owner.graph))
    around.push(owner);
  return around;
}
