import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { type ByteSource, checkRange } from "../util/byte-source.js";
import { FormatError } from "../util/errors.js";
import { printable } from "../util/text.js";
import { describeFault } from "./fault.js";
import { identityOf } from "./status.js";

/** A file as a byte source. It closes by itself once nobody holds it, and at once by `close`. */
export interface FileSource extends ByteSource {
  /** See `identityOf`. */
  readonly identity: string;
  /** After it, `read` fails. Closing twice does nothing. */
  close(): void;
}

/** A tensor of a model may be read long after the model was: the file stays open as long as one is held. */
const unheld = new FinalizationRegistry<number>((descriptor) => closeSync(descriptor));

/** One `read` call takes no more than this. */
const MOST_BYTES_A_CALL = 2 ** 30;
/** A pipe would keep us waiting for its writer. Windows has no such flag. */
const WITHOUT_WAITING = constants.O_NONBLOCK ?? 0;

/**
 * Opens a file for reading piece by piece, at any size: neither `readFile` (2 GiB) nor `openAsBlob`
 * (sizes modulo 4 GiB on Node 20, nodejs/node#52585) will do.
 *
 * Reads are synchronous: a model's structure takes a handful of them, and each is a page or two. They
 * fail when the file was changed since it was opened.
 *
 * @throws FormatError when the path is missing, unreadable, or no file.
 */
export function fileSource(path: string): FileSource {
  const descriptor = open(path);
  const opened = fstatSync(descriptor, { bigint: true });
  const size = Number(opened.size);
  let isOpen = true;

  function read(offset: number, length: number): Uint8Array {
    if (!isOpen) throw fault(path, "it was closed before");
    checkRange(size, offset, length);
    const now = fstatSync(descriptor, { bigint: true });
    if (now.size !== opened.size || now.mtimeNs !== opened.mtimeNs)
      throw fault(path, "it was changed since it was opened");
    const bytes = newBytes(path, length);
    for (let done = 0; done < length; ) {
      const piece = Math.min(length - done, MOST_BYTES_A_CALL);
      const count = readSync(descriptor, bytes, done, piece, offset + done);
      if (count === 0) throw fault(path, "it became shorter while it was read");
      done += count;
    }
    return bytes;
  }

  const source: FileSource = {
    size,
    identity: identityOf(opened),
    read: async (offset, length) => {
      try {
        return read(offset, length);
      } catch (cause) {
        if (cause instanceof FormatError) throw cause;
        throw new FormatError(describeFault("cannot read", path, cause), { cause });
      }
    },
    close() {
      if (!isOpen) return;
      isOpen = false;
      unheld.unregister(source);
      closeSync(descriptor);
    },
  };
  unheld.register(source, descriptor, source);
  return source;
}

function open(path: string): number {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | WITHOUT_WAITING);
  } catch (cause) {
    throw new FormatError(describeFault("cannot read", path, cause), { cause });
  }
  const status = fstatSync(descriptor);
  if (status.isFile()) return descriptor;
  closeSync(descriptor);
  throw fault(path, status.isDirectory() ? "it is a folder" : "it is no regular file");
}

function newBytes(path: string, length: number): Uint8Array {
  try {
    return new Uint8Array(length);
  } catch (cause) {
    throw new FormatError(
      `cannot read "${printable(path)}": ${length} bytes are too many at once`,
      {
        cause,
      },
    );
  }
}

function fault(path: string, what: string): FormatError {
  return new FormatError(`cannot read "${printable(path)}": ${what}`);
}
