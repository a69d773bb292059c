import { BinaryReader } from "@bufbuild/protobuf/wire";
import {
  byteLength,
  type DType,
  dtypeFromOnnx,
  elementCount,
  type LazyTensor,
} from "../tensor/index.js";
import type { ByteSource } from "../util/byte-source.js";
import { FormatError } from "../util/errors.js";
import { printable } from "../util/text.js";
import type { Payload, TensorProto } from "./schema.js";
import { decodeText } from "./text-codec.js";

/** Opens a file that lies beside the model; the location is already known to stay in its folder. */
export type OpenExternal = (location: string) => Promise<ByteSource>;

/** A tensor of a model file; its numbers stay there until `load`. */
export class FileTensor implements LazyTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly byteLength: number;
  readonly #external: ExternalLocation | null;

  /**
   * @param where What to call the tensor in an error.
   * @throws FormatError when the type is unknown, the shape is no shape, or the bytes do not fit it.
   */
  constructor(
    /** As the file has it, for the way back. */
    readonly proto: TensorProto,
    readonly where: string,
    readonly openExternal: OpenExternal | undefined,
  ) {
    const dtype = dtypeFromOnnx(proto.dataType ?? 0);
    if (!dtype)
      throw new FormatError(`${where}: data_type=${proto.dataType ?? 0} is no ONNX element type`);
    this.dtype = dtype;
    this.shape = (proto.dims ?? []).map((dim) => {
      if (typeof dim === "bigint" || dim < 0)
        throw new FormatError(`${where}: dimension=${dim} must be from 0 to 2^53`);
      return dim;
    });
    this.byteLength = byteLength(dtype, elementCount(this.shape));
    if (!Number.isSafeInteger(elementCount(this.shape)) || !Number.isSafeInteger(this.byteLength))
      throw new FormatError(
        `${where}: shape=[${this.shape}] has more elements than can be counted`,
      );
    if (proto.segment)
      throw new FormatError(`${where}: segmented tensors are not supported by ONNX yet`);

    this.#external =
      proto.dataLocation === 1 ? externalLocation(proto, where, this.byteLength) : null;
    const stored = this.#fixedWidthPieces();
    if (!this.#external && stored) {
      const total = stored.reduce((length, piece) => length + piece.length, 0);
      if (total !== this.byteLength)
        throw new FormatError(
          `${where}: ${dtype} of shape=[${this.shape}] needs ${this.byteLength} bytes, the file holds ${total}`,
        );
    }
  }

  async load(): Promise<Uint8Array> {
    if (this.#external) return this.#loadExternal(this.#external);
    const pieces = this.#fixedWidthPieces();
    if (pieces) return concat(pieces, this.byteLength);
    return this.#fromVarints(
      this.proto.int32Data ?? this.proto.int64Data ?? this.proto.uint64Data ?? [],
    );
  }

  /** The texts of a `string` tensor. */
  strings(): string[] {
    return (this.proto.stringData ?? []).map(decodeText);
  }

  /** True when the numbers lie in another file than the model. */
  get isExternal(): boolean {
    return this.#external !== null;
  }

  /** The stored bytes, where they are laid out as `load` gives them; `undefined` for varints and strings. */
  #fixedWidthPieces(): readonly Payload[] | undefined {
    const { rawData, floatData, doubleData, int32Data, int64Data, uint64Data, stringData } =
      this.proto;
    if (this.dtype === "string") return undefined;
    if (rawData) return [rawData];
    if (int32Data || int64Data || uint64Data || stringData) return undefined;
    return floatData ?? doubleData ?? [];
  }

  async #loadExternal(external: ExternalLocation): Promise<Uint8Array> {
    if (!this.openExternal)
      throw new FormatError(
        `${this.where}: its numbers are in the file "${printable(external.location)}", which was not given`,
        { help: "Read the model by its path, or pass the option externalData." },
      );
    const source = await this.openExternal(external.location);
    return source.read(external.offset, this.byteLength);
  }

  /** Typed fields hold one number an element, or, for types under 8 bits, one packed byte an entry. */
  async #fromVarints(pieces: readonly Payload[]): Promise<Uint8Array> {
    const bytes = new Uint8Array(this.byteLength);
    const view = new DataView(bytes.buffer);
    const width =
      this.byteLength === 0 ? 1 : Math.max(1, this.byteLength / elementCount(this.shape));
    const step = Number.isInteger(width) ? width : 1;
    let at = 0;
    for (const piece of pieces) {
      const reader = new BinaryReader(await piece.read());
      while (reader.pos < reader.len) {
        const value = BigInt.asUintN(64, BigInt(reader.int64()));
        if (at + step > bytes.length) throw this.#countError("more");
        if (step === 8) view.setBigUint64(at, value, true);
        else if (step === 4) view.setUint32(at, Number(value & 0xffffffffn), true);
        else if (step === 2) view.setUint16(at, Number(value & 0xffffn), true);
        else view.setUint8(at, Number(value & 0xffn));
        at += step;
      }
    }
    if (at !== bytes.length) throw this.#countError("fewer");
    return bytes;
  }

  #countError(relation: string): FormatError {
    return new FormatError(
      `${this.where}: the file holds ${relation} numbers than shape=[${this.shape}] has`,
    );
  }
}

interface ExternalLocation {
  readonly location: string;
  readonly offset: number;
}

function externalLocation(proto: TensorProto, where: string, byteLength: number): ExternalLocation {
  const entries = new Map(proto.externalData?.map((entry) => [entry.key, entry.value ?? ""]));
  const location = entries.get("location") ?? "";
  checkLocation(location, where);
  const offset = wholeNumber(entries.get("offset") ?? "0");
  const length = wholeNumber(entries.get("length") ?? String(byteLength));
  if (offset === undefined || length !== byteLength)
    throw new FormatError(
      `${where}: external data needs ${byteLength} bytes from a whole offset, the file says offset="${printable(entries.get("offset") ?? "0", 40)}" length="${printable(entries.get("length") ?? "", 40)}"`,
    );
  return { location, offset };
}

function wholeNumber(text: string): number | undefined {
  const number = Number(text);
  return /^\d+$/.test(text) && Number.isSafeInteger(number) ? number : undefined;
}

/** @throws FormatError for a location that could lead out of the model's folder. */
function checkLocation(location: string, where: string): void {
  const parts = location.split(/[/\\]/);
  const leaves =
    location === "" || /^[/\\]|^[A-Za-z]:|\0/.test(location) || parts.some((part) => part === "..");
  if (leaves)
    throw new FormatError(
      `${where}: external data location="${printable(location)}" must stay in the model's folder`,
      { help: "The file may be hostile; nothing was read from there." },
    );
}

async function concat(pieces: readonly Payload[], length: number): Promise<Uint8Array> {
  if (pieces.length === 1) return pieces[0].read();
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(await piece.read(), at);
    at += piece.length;
  }
  return bytes;
}
