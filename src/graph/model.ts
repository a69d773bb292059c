import type { Attribute } from "./attribute.js";
import { Graph } from "./graph.js";

/** A function a model defines for itself: an operator whose meaning is a graph. */
export interface FunctionDefinition {
  readonly name: string;
  readonly domain: string;
  readonly overload: string;
  readonly body: Graph;
  readonly opsets: ReadonlyMap<string, number>;
  /** Attribute names a caller must give, and those it may, with their defaults. */
  readonly attributeNames: readonly string[];
  readonly attributeDefaults: ReadonlyMap<string, Attribute>;
  /** What the file says and the graph does not model. */
  readonly carry?: unknown;
}

/** A whole model: a graph, the operator sets it is written in, and what its maker said about it. */
export class Model {
  irVersion = 8;
  /** Operator set versions by domain; `""` is the standard one. */
  readonly opsets = new Map<string, number>();
  producerName: string | undefined;
  producerVersion: string | undefined;
  domain: string | undefined;
  modelVersion: number | bigint | undefined;
  docString: string | undefined;
  readonly metadata = new Map<string, string>();
  readonly functions: FunctionDefinition[] = [];
  /** What the file says and the graph does not model; the reader puts it here and the writer takes it back. */
  carry: unknown = undefined;

  constructor(readonly graph: Graph = new Graph()) {}

  /** Version of the standard operator set. */
  get opset(): number {
    return this.opsets.get("") ?? this.opsets.get("ai.onnx") ?? 1;
  }
}
