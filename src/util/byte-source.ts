import { FormatError } from "./errors.js";

/** Bytes that may be larger than memory and are read piece by piece: a file, a Blob, an array. */
export interface ByteSource {
  /** Length in bytes. */
  readonly size: number;
  /**
   * The bytes from `offset` to `offset + length`, exactly. Treat them as read-only: they may be a
   * view of shared memory.
   *
   * @throws FormatError if the range does not lie within the source, or the source turns out shorter.
   */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** @throws FormatError if `offset` and `length` are not whole numbers with `0 <= offset`, `offset + length <= size`. */
export function checkRange(size: number, offset: number, length: number): void {
  if (!Number.isSafeInteger(offset) || offset < 0 || !Number.isSafeInteger(length) || length < 0)
    throw new FormatError(
      `read: offset=${offset} and length=${length} must be whole numbers, zero or more`,
    );
  if (length > size - offset)
    throw new FormatError(
      `read: offset=${offset} + length=${length} must stay within size=${size} bytes`,
      { help: "The file is cut short, or its header points outside of it." },
    );
}

/** A source over bytes in memory. `read` gives views, not copies. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    async read(offset, length) {
      checkRange(bytes.length, offset, length);
      return bytes.subarray(offset, offset + length);
    },
  };
}

/** A source over a Blob or File; only the bytes asked for are brought into memory. */
export function blobSource(blob: Blob): ByteSource {
  return {
    size: blob.size,
    async read(offset, length) {
      checkRange(blob.size, offset, length);
      const bytes = new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer());
      if (bytes.length !== length)
        throw new FormatError(
          `read: got ${bytes.length} bytes at offset=${offset}, not length=${length}`,
        );
      return bytes;
    },
  };
}
