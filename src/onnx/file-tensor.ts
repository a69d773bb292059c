import {
  byteLength,
  type DType,
  dtypeFromOnnx,
  elementCount,
  isShape,
  type LazyTensor,
} from "../tensor/index.js";
import { type ByteSource, checkRange } from "../util/byte-source.js";
import { FormatError, GroupconvError } from "../util/errors.js";
import { printable } from "../util/text.js";
import { type ExternalLocation, externalLocation } from "./external-location.js";
import type { Payload, TensorProto } from "./schema.js";
import { decodeText } from "./text-codec.js";
import { bytesOfVarints, isPlain, mayHoldVarints, storedPieces } from "./typed-data.js";

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
   * @throws FormatError when the type is unknown, the shape is no shape, or the bytes cannot fit it.
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
    const shape = proto.dims ?? [];
    if (!isShape(shape))
      throw new FormatError(
        `${where}: shape=[${printable(shape.join(", "))}] must hold sizes of zero or more, for fewer than 2^53 elements`,
      );
    if (proto.segment)
      throw new FormatError(`${where}: segmented tensors are not supported by ONNX yet`);
    this.dtype = dtype;
    this.shape = shape;
    this.byteLength = byteLength(dtype, elementCount(shape));
    this.#external =
      proto.dataLocation === 1 ? externalLocation(proto, where, this.byteLength) : null;
    if (!this.#external) this.#checkStored();
  }

  /** @throws FormatError when the numbers cannot be had; for strings, always: see `strings`. */
  async load(): Promise<Uint8Array> {
    if (this.dtype === "string")
      throw new FormatError(`${this.where}: strings cannot be read as numbers`);
    return this.#named(async () => {
      if (this.#external) return this.#readExternal(this.#external, 0, this.byteLength);
      const stored = await concat(storedPieces(this.proto, this.dtype));
      return isPlain(this.proto, this.dtype)
        ? stored
        : bytesOfVarints(stored, this.dtype, this.shape);
    });
  }

  /** Absent for varints, for strings, and for numbers in several pieces. */
  get loadRange(): LazyTensor["loadRange"] {
    if (this.dtype === "string") return undefined;
    const read = this.#external
      ? this.#readExternal.bind(this, this.#external)
      : readRangeOf(this.proto, this.dtype);
    if (!read) return undefined;
    return (offset, length) =>
      this.#named(async () => {
        checkRange(this.byteLength, offset, length);
        return read(offset, length);
      });
  }

  /** The texts of a `string` tensor. */
  strings(): string[] {
    return (this.proto.stringData ?? []).map(decodeText);
  }

  /** True when the numbers lie in another file than the model. */
  get isExternal(): boolean {
    return this.#external !== null;
  }

  async #named(read: () => Promise<Uint8Array>): Promise<Uint8Array> {
    try {
      return await read();
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      const help = cause instanceof GroupconvError ? cause.help : undefined;
      throw new FormatError(`${this.where}: ${message}`, { help, cause });
    }
  }

  async #readExternal(
    { location, offset }: ExternalLocation,
    start: number,
    length: number,
  ): Promise<Uint8Array> {
    if (!this.openExternal)
      throw new FormatError(
        `its numbers are in the file "${printable(location)}", which was not given`,
        { help: "Read the model by its path, or pass the option externalData." },
      );
    const source = await this.openExternal(location);
    return source.read(offset + start, length);
  }

  #checkStored(): void {
    const { proto, dtype, shape } = this;
    const needs = (amount: string, held: string) =>
      new FormatError(
        `${this.where}: ${dtype} of shape=[${shape}] needs ${amount}, the file holds ${held}`,
      );
    if (dtype === "string") {
      const strings = proto.stringData?.length ?? 0;
      if (strings !== elementCount(shape))
        throw needs(`${elementCount(shape)} strings`, String(strings));
      return;
    }
    const length = lengthOf(storedPieces(proto, dtype));
    if (isPlain(proto, dtype)) {
      if (length !== this.byteLength) throw needs(`${this.byteLength} bytes`, String(length));
    } else if (!mayHoldVarints(length, dtype, shape)) {
      throw needs(`${elementCount(shape)} numbers`, `${length} bytes of them`);
    }
  }
}

/** Reads a part of numbers that lie in one piece as `load` gives them. */
function readRangeOf(proto: TensorProto, dtype: DType): Payload["readRange"] {
  if (!isPlain(proto, dtype)) return undefined;
  const pieces = storedPieces(proto, dtype);
  return pieces.length === 1 ? pieces[0].readRange : undefined;
}

function lengthOf(pieces: readonly Payload[]): number {
  return pieces.reduce((length, piece) => length + piece.length, 0);
}

async function concat(pieces: readonly Payload[]): Promise<Uint8Array> {
  if (pieces.length === 1) return pieces[0].read();
  const bytes = new Uint8Array(lengthOf(pieces));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(await piece.read(), at);
    at += piece.length;
  }
  return bytes;
}
