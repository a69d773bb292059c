import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { type ByteSource, checkRange } from "../util/byte-source.js";
import { FormatError } from "../util/errors.js";
import { describeFault } from "./fault.js";

/** A file as a byte source. It closes by itself once nobody holds it, and at once by `close`. */
export interface FileSource extends ByteSource {
  close(): void;
}

/** A tensor of a model may be read long after the model was: the file stays open as long as one is held. */
const unheld = new FinalizationRegistry<number>((descriptor) => closeSync(descriptor));

/** One `read` call takes no more than this. */
const MOST_BYTES_A_CALL = 2 ** 30;

/**
 * Opens a file for reading piece by piece, at any size: neither `readFile` (2 GiB) nor `openAsBlob`
 * (sizes modulo 4 GiB on Node 20, nodejs/node#52585) will do.
 *
 * Reads are synchronous: a model's structure takes a handful of them, and each is a page or two.
 *
 * @throws FormatError when the path is missing, unreadable, or no file.
 */
export function fileSource(path: string): FileSource {
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch (cause) {
    throw new FormatError(describeFault("cannot read", path, cause), { cause });
  }
  const status = fstatSync(descriptor);
  if (!status.isFile()) {
    closeSync(descriptor);
    throw new FormatError(describeFault("cannot read", path, status));
  }
  const source: FileSource = {
    size: status.size,
    async read(offset, length) {
      checkRange(status.size, offset, length);
      const bytes = new Uint8Array(length);
      for (let done = 0; done < length; ) {
        const piece = Math.min(length - done, MOST_BYTES_A_CALL);
        const count = readSync(descriptor, bytes, done, piece, offset + done);
        if (count === 0)
          throw new FormatError(
            `${describeFault("cannot read", path, null)}: it became shorter while it was read`,
          );
        done += count;
      }
      return bytes;
    },
    close() {
      unheld.unregister(source);
      closeSync(descriptor);
    },
  };
  unheld.register(source, descriptor, source);
  return source;
}
