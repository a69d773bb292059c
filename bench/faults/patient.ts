import { type Convolution, type Facts, type Survey, survey } from "../../src/analysis/index.js";
import type { Model, Node, Value } from "../../src/graph/index.js";

/** A network that is well, and what is known of it. */
export interface Patient {
  readonly name: string;
  readonly model: Model;
  readonly convolutions: readonly Convolution[];
  readonly mixing: Facts["mixing"];
  readonly roles: Facts["roles"];
  readonly scene: Facts["scene"];
  readonly pyramids: Facts["pyramids"];
  readonly shuffles: Facts["shuffles"];
  readonly survey: Survey;
  /** `[N, C, ...size]` of a value; undefined when the runtime did not say. */
  shapeOf(value: Value): readonly number[] | undefined;
  /** The convolution a node is; undefined for other nodes. */
  layerOf(node: Node | null): Convolution | undefined;
  /** The same network anew, to be spoilt. */
  readonly remake: () => Promise<Model>;
}

export async function admit(name: string, remake: () => Promise<Model>): Promise<Patient> {
  const model = await remake();
  const surveyed = await survey(model);
  if (!surveyed.shapes) throw new Error(`${name}: ${surveyed.shapesMissing}`);
  const { convolutions, shapes } = surveyed;
  const layers = new Map(convolutions.map((convolution) => [convolution.node, convolution]));
  return {
    name,
    model,
    convolutions,
    mixing: await surveyed.get("mixing"),
    roles: await surveyed.get("roles"),
    scene: await surveyed.get("scene"),
    pyramids: await surveyed.get("pyramids"),
    shuffles: await surveyed.get("shuffles"),
    survey: surveyed,
    shapeOf: (value) => shapes.get(value),
    layerOf: (node) => (node ? layers.get(node) : undefined),
    remake,
  };
}
