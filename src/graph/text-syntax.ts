import type { LazyTensor } from "../tensor/index.js";
import type { Attribute, Int } from "./attribute.js";
import type { Token } from "./text-scanner.js";
import type { TensorType } from "./types.js";

/** What a text says, before names are looked up: nodes may stand in any order. */

export interface ModelSyntax {
  readonly header: HeaderSyntax;
  readonly graph: GraphSyntax;
}

export interface HeaderSyntax {
  readonly irVersion?: number;
  readonly opsets?: ReadonlyMap<string, number>;
  readonly producerName?: string;
  readonly producerVersion?: string;
  readonly domain?: string;
  readonly modelVersion?: Int;
  readonly docString?: string;
  readonly metadata?: ReadonlyMap<string, string>;
}

export interface GraphSyntax {
  readonly name: string;
  readonly inputs: readonly ValueSyntax[];
  readonly outputs: readonly ValueSyntax[];
  /** What stands in `<...>`: initializers, and the types of values between nodes. */
  readonly values: readonly ValueSyntax[];
  readonly nodes: readonly NodeSyntax[];
}

export interface ValueSyntax {
  readonly name: Token;
  readonly type: TensorType | null;
  /** What follows `=`; null when nothing does. */
  readonly tensor: LazyTensor | null;
}

export interface NodeSyntax {
  readonly label: string;
  readonly outputs: readonly Token[];
  readonly domain: string;
  readonly op: string;
  readonly attributes: ReadonlyMap<string, Attribute | GraphSyntax>;
  readonly inputs: readonly Token[];
}
