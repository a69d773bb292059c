import type { Attribute, Value, ValueType } from "../graph/index.js";
import type {
  AttributeProto,
  FunctionProto,
  GraphProto,
  ModelProto,
  NodeProto,
  ValueInfoProto,
} from "./schema.js";

/** What each object of the graph remembers of its file: the message it came from. */

export interface ModelCarry {
  readonly proto: ModelProto;
}

export interface GraphCarry {
  readonly proto: GraphProto;
  readonly inputs: ReadonlyMap<Value, DeclaredValue>;
  readonly outputs: ReadonlyMap<Value, DeclaredValue>;
  /** In the file's order; those whose value is gone or never was have `value` undefined. */
  readonly valueInfo: readonly (DeclaredValue & { readonly value: Value | undefined })[];
}

export interface DeclaredValue {
  readonly proto: ValueInfoProto;
  /** The type as read: while the value still has this very object, the proto is written back untouched. */
  readonly type: ValueType | null;
}

export interface NodeCarry {
  readonly proto: NodeProto;
  readonly attributes: ReadonlyMap<
    string,
    { readonly proto: AttributeProto; readonly parsed: Attribute }
  >;
}

export interface FunctionCarry {
  readonly proto: FunctionProto;
}
