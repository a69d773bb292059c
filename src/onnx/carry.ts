import type { Attribute, Value, ValueType } from "../graph/index.js";
import type { FileTensor } from "./file-tensor.js";
import type {
  FunctionProto,
  GraphProto,
  ModelProto,
  NodeProto,
  SparseTensorProto,
  ValueInfoProto,
} from "./schema.js";

/** What each object of the graph remembers of its file: the message it came from. */

export interface ModelCarry {
  readonly proto: ModelProto;
}

export interface GraphCarry {
  readonly proto: GraphProto;
  readonly inputs: ReadonlyMap<Value, DeclaredValue>;
  /** In the file's order; one value may be given out twice. */
  readonly outputs: readonly (DeclaredValue & { readonly value: Value })[];
  /** In the file's order; those whose value never was have `value` undefined. */
  readonly valueInfo: readonly (DeclaredValue & { readonly value: Value | undefined })[];
  /** In the file's order, which need not be that of the inputs they are defaults for. */
  readonly initializers: readonly Value[];
  readonly sparseInitializers: readonly SparseInitializer[];
}

export interface DeclaredValue {
  readonly proto: ValueInfoProto;
  /** The type as read: while the value still has this very object, the proto is written back untouched. */
  readonly type: ValueType | null;
}

export interface SparseInitializer {
  readonly proto: SparseTensorProto;
  readonly value: Value;
  readonly values: FileTensor;
  readonly indices: FileTensor;
}

export interface NodeCarry {
  readonly proto: NodeProto;
  /** What became of `proto.attribute`, one for one. */
  readonly attributes: readonly Attribute[];
}

export interface FunctionCarry {
  readonly proto: FunctionProto;
}
