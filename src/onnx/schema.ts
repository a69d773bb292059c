import type { Int } from "../graph/index.js";
import { WIRE } from "./wire.js";

/**
 * The messages of onnx.proto we look into, field by field (onnx 1.23.2, IR version 14). A message listed
 * as `raw` is carried as bytes, as are fields we do not know: nothing of a file is lost.
 * Source: https://github.com/onnx/onnx/blob/v1.23.2/onnx/onnx.proto
 */

/** Bytes that may stay in the file until someone asks: weights. */
export interface Payload {
  readonly length: number;
  read(): Promise<Uint8Array>;
  /** A part of it, where a part can be had without the rest. */
  readRange?(offset: number, length: number): Promise<Uint8Array>;
}

/** Fields of no known number, as they stood in the file, tags included. */
export interface Unknown {
  readonly unknown?: readonly Uint8Array[];
}

export interface StringEntryProto extends Unknown {
  readonly key?: string;
  readonly value?: string;
}

export interface OperatorSetIdProto extends Unknown {
  readonly domain?: string;
  readonly version?: Int;
}

export interface TensorProto extends Unknown {
  readonly dims?: readonly Int[];
  readonly dataType?: number;
  readonly segment?: Payload;
  /** Packed numbers; more than one piece when the file repeats the field. */
  readonly floatData?: readonly Payload[];
  readonly int32Data?: readonly Payload[];
  readonly stringData?: readonly Uint8Array[];
  readonly int64Data?: readonly Payload[];
  readonly name?: string;
  readonly rawData?: Payload;
  readonly doubleData?: readonly Payload[];
  readonly uint64Data?: readonly Payload[];
  readonly docString?: string;
  readonly externalData?: readonly StringEntryProto[];
  readonly dataLocation?: number;
  readonly metadataProps?: readonly StringEntryProto[];
}

export interface DimensionProto extends Unknown {
  readonly dimValue?: Int;
  readonly dimParam?: string;
  readonly denotation?: string;
}

export interface TensorShapeProto extends Unknown {
  readonly dim?: readonly DimensionProto[];
}

export interface TensorTypeProto extends Unknown {
  readonly elemType?: number;
  readonly shape?: TensorShapeProto;
}

export interface TypeProto extends Unknown {
  readonly tensorType?: TensorTypeProto;
  readonly sequenceType?: Payload;
  readonly mapType?: Payload;
  readonly denotation?: string;
  readonly opaqueType?: Payload;
  readonly sparseTensorType?: Payload;
  readonly optionalType?: Payload;
}

export interface ValueInfoProto extends Unknown {
  readonly name?: string;
  readonly type?: TypeProto;
  readonly docString?: string;
  readonly metadataProps?: readonly StringEntryProto[];
}

export interface AttributeProto extends Unknown {
  readonly name?: string;
  readonly f?: number;
  readonly i?: Int;
  readonly s?: Uint8Array;
  readonly t?: TensorProto;
  readonly g?: GraphProto;
  readonly floats?: readonly number[];
  readonly ints?: readonly Int[];
  readonly strings?: readonly Uint8Array[];
  readonly tensors?: readonly TensorProto[];
  readonly graphs?: readonly GraphProto[];
  readonly docString?: string;
  readonly typeProto?: Payload;
  readonly typeProtos?: readonly Payload[];
  readonly type?: number;
  readonly refAttrName?: string;
  readonly sparseTensor?: Payload;
  readonly sparseTensors?: readonly Payload[];
}

export interface NodeProto extends Unknown {
  readonly input?: readonly string[];
  readonly output?: readonly string[];
  readonly name?: string;
  readonly opType?: string;
  readonly attribute?: readonly AttributeProto[];
  readonly docString?: string;
  readonly domain?: string;
  readonly overload?: string;
  readonly metadataProps?: readonly StringEntryProto[];
  readonly deviceConfigurations?: readonly Payload[];
}

export interface GraphProto extends Unknown {
  readonly node?: readonly NodeProto[];
  readonly name?: string;
  readonly initializer?: readonly TensorProto[];
  readonly docString?: string;
  readonly input?: readonly ValueInfoProto[];
  readonly output?: readonly ValueInfoProto[];
  readonly valueInfo?: readonly ValueInfoProto[];
  readonly quantizationAnnotation?: readonly Payload[];
  readonly sparseInitializer?: readonly SparseTensorProto[];
  readonly metadataProps?: readonly StringEntryProto[];
}

export interface SparseTensorProto extends Unknown {
  readonly values?: TensorProto;
  readonly indices?: TensorProto;
  readonly dims?: readonly Int[];
}

export interface FunctionProto extends Unknown {
  readonly name?: string;
  readonly input?: readonly string[];
  readonly output?: readonly string[];
  readonly attribute?: readonly string[];
  readonly node?: readonly NodeProto[];
  readonly docString?: string;
  readonly opsetImport?: readonly OperatorSetIdProto[];
  readonly domain?: string;
  readonly attributeProto?: readonly AttributeProto[];
  readonly valueInfo?: readonly ValueInfoProto[];
  readonly overload?: string;
  readonly metadataProps?: readonly StringEntryProto[];
}

export interface ModelProto extends Unknown {
  readonly irVersion?: Int;
  readonly producerName?: string;
  readonly producerVersion?: string;
  readonly domain?: string;
  readonly modelVersion?: Int;
  readonly docString?: string;
  readonly graph?: GraphProto;
  readonly opsetImport?: readonly OperatorSetIdProto[];
  readonly metadataProps?: readonly StringEntryProto[];
  readonly trainingInfo?: readonly Payload[];
  readonly functions?: readonly FunctionProto[];
  readonly configuration?: readonly Payload[];
}

/** What a field's value is. `payload`, `raw` and the packed kinds may stay in the file. */
export type Kind =
  | "int64"
  | "int32"
  | "float"
  | "string"
  | "bytes"
  | "payload"
  | "raw"
  | "packed-fixed32"
  | "packed-fixed64"
  | "packed-varint"
  | "message";

export interface Field {
  /** Property of the message's interface. */
  readonly key: string;
  readonly no: number;
  readonly kind: Kind;
  readonly repeated: boolean;
  /** The wire type of one value. */
  readonly wire: number;
  /** Numbers of a weight: always written packed, and left as bytes. */
  readonly isPacked: boolean;
  /** The schema of a `message`; a function, as messages contain each other. */
  readonly message?: () => Schema;
}

export interface Schema {
  readonly name: string;
  /** In the order of their numbers, which is the order they are written in. */
  readonly fields: readonly Field[];
  readonly byNumber: ReadonlyMap<number, Field>;
  /** Are many messages of a file likely to be equal? */
  readonly isOftenSame: boolean;
}

type Spec = [no: number, kind: Exclude<Kind, "message"> | (() => Schema), repeated?: "repeated"];

function schema<T>(
  name: string,
  specs: { readonly [K in Exclude<keyof T, "unknown">]-?: Spec },
  isOftenSame = false,
): Schema {
  const fields = Object.entries<Spec>(specs).map(([key, [no, kind, repeated]]): Field => {
    const isMessage = typeof kind === "function";
    return {
      key,
      no,
      kind: isMessage ? "message" : kind,
      repeated: repeated === "repeated",
      wire: isMessage ? WIRE.delimited : wireOf(kind),
      isPacked: !isMessage && kind.startsWith("packed"),
      message: isMessage ? kind : undefined,
    };
  });
  fields.sort((a, b) => a.no - b.no);
  return { name, fields, byNumber: new Map(fields.map((field) => [field.no, field])), isOftenSame };
}

function wireOf(kind: Kind): number {
  switch (kind) {
    case "int64":
    case "int32":
    case "packed-varint":
      return WIRE.varint;
    case "float":
    case "packed-fixed32":
      return WIRE.fixed32;
    case "packed-fixed64":
      return WIRE.fixed64;
    default:
      return WIRE.delimited;
  }
}

export const stringEntrySchema = schema<StringEntryProto>("StringStringEntryProto", {
  key: [1, "string"],
  value: [2, "string"],
});

export const operatorSetIdSchema = schema<OperatorSetIdProto>("OperatorSetIdProto", {
  domain: [1, "string"],
  version: [2, "int64"],
});

export const tensorSchema = schema<TensorProto>("TensorProto", {
  dims: [1, "int64", "repeated"],
  dataType: [2, "int32"],
  segment: [3, "raw"],
  floatData: [4, "packed-fixed32"],
  int32Data: [5, "packed-varint"],
  stringData: [6, "bytes", "repeated"],
  int64Data: [7, "packed-varint"],
  name: [8, "string"],
  rawData: [9, "payload"],
  doubleData: [10, "packed-fixed64"],
  uint64Data: [11, "packed-varint"],
  docString: [12, "string"],
  externalData: [13, () => stringEntrySchema, "repeated"],
  dataLocation: [14, "int32"],
  metadataProps: [16, () => stringEntrySchema, "repeated"],
});

export const dimensionSchema = schema<DimensionProto>(
  "TensorShapeProto.Dimension",
  { dimValue: [1, "int64"], dimParam: [2, "string"], denotation: [3, "string"] },
  true,
);

export const tensorShapeSchema = schema<TensorShapeProto>("TensorShapeProto", {
  dim: [1, () => dimensionSchema, "repeated"],
});

export const tensorTypeSchema = schema<TensorTypeProto>("TypeProto.Tensor", {
  elemType: [1, "int32"],
  shape: [2, () => tensorShapeSchema],
});

export const typeSchema = schema<TypeProto>("TypeProto", {
  tensorType: [1, () => tensorTypeSchema],
  sequenceType: [4, "raw"],
  mapType: [5, "raw"],
  denotation: [6, "string"],
  opaqueType: [7, "raw"],
  sparseTensorType: [8, "raw"],
  optionalType: [9, "raw"],
});

export const valueInfoSchema = schema<ValueInfoProto>("ValueInfoProto", {
  name: [1, "string"],
  type: [2, () => typeSchema],
  docString: [3, "string"],
  metadataProps: [4, () => stringEntrySchema, "repeated"],
});

export const attributeSchema = schema<AttributeProto>(
  "AttributeProto",
  {
    name: [1, "string"],
    f: [2, "float"],
    i: [3, "int64"],
    s: [4, "bytes"],
    t: [5, () => tensorSchema],
    g: [6, () => graphSchema],
    floats: [7, "float", "repeated"],
    ints: [8, "int64", "repeated"],
    strings: [9, "bytes", "repeated"],
    tensors: [10, () => tensorSchema, "repeated"],
    graphs: [11, () => graphSchema, "repeated"],
    docString: [13, "string"],
    typeProto: [14, "raw"],
    typeProtos: [15, "raw", "repeated"],
    type: [20, "int32"],
    refAttrName: [21, "string"],
    sparseTensor: [22, "raw"],
    sparseTensors: [23, "raw", "repeated"],
  },
  true,
);

export const nodeSchema = schema<NodeProto>("NodeProto", {
  input: [1, "string", "repeated"],
  output: [2, "string", "repeated"],
  name: [3, "string"],
  opType: [4, "string"],
  attribute: [5, () => attributeSchema, "repeated"],
  docString: [6, "string"],
  domain: [7, "string"],
  overload: [8, "string"],
  metadataProps: [9, () => stringEntrySchema, "repeated"],
  deviceConfigurations: [10, "raw", "repeated"],
});

export const sparseTensorSchema = schema<SparseTensorProto>("SparseTensorProto", {
  values: [1, () => tensorSchema],
  indices: [2, () => tensorSchema],
  dims: [3, "int64", "repeated"],
});

export const graphSchema: Schema = schema<GraphProto>("GraphProto", {
  node: [1, () => nodeSchema, "repeated"],
  name: [2, "string"],
  initializer: [5, () => tensorSchema, "repeated"],
  docString: [10, "string"],
  input: [11, () => valueInfoSchema, "repeated"],
  output: [12, () => valueInfoSchema, "repeated"],
  valueInfo: [13, () => valueInfoSchema, "repeated"],
  quantizationAnnotation: [14, "raw", "repeated"],
  sparseInitializer: [15, () => sparseTensorSchema, "repeated"],
  metadataProps: [16, () => stringEntrySchema, "repeated"],
});

export const functionSchema = schema<FunctionProto>("FunctionProto", {
  name: [1, "string"],
  input: [4, "string", "repeated"],
  output: [5, "string", "repeated"],
  attribute: [6, "string", "repeated"],
  node: [7, () => nodeSchema, "repeated"],
  docString: [8, "string"],
  opsetImport: [9, () => operatorSetIdSchema, "repeated"],
  domain: [10, "string"],
  attributeProto: [11, () => attributeSchema, "repeated"],
  valueInfo: [12, () => valueInfoSchema, "repeated"],
  overload: [13, "string"],
  metadataProps: [14, () => stringEntrySchema, "repeated"],
});

export const modelSchema = schema<ModelProto>("ModelProto", {
  irVersion: [1, "int64"],
  producerName: [2, "string"],
  producerVersion: [3, "string"],
  domain: [4, "string"],
  modelVersion: [5, "int64"],
  docString: [6, "string"],
  graph: [7, () => graphSchema],
  opsetImport: [8, () => operatorSetIdSchema, "repeated"],
  metadataProps: [14, () => stringEntrySchema, "repeated"],
  trainingInfo: [20, "raw", "repeated"],
  functions: [25, () => functionSchema, "repeated"],
  configuration: [26, "raw", "repeated"],
});
