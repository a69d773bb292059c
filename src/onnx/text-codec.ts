/**
 * Protobuf strings are UTF-8, but proto2 never checks, and files exist that are not. Bytes that are no
 * UTF-8 become the lone surrogates U+DC80..U+DCFF and go back as they came (PEP 383's scheme).
 */

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();
const ESCAPED = /[\udc80-\udcff]/;
/** Characters put together at once; the stack has to hold them. */
const RUN = 4096;

export function decodeText(bytes: Uint8Array): string {
  return isText(bytes) ? utf8.decode(bytes) : decodeEscaped(bytes);
}

export function encodeText(text: string): Uint8Array {
  return ESCAPED.test(text) ? encodeEscaped(text) : encoder.encode(text);
}

/** Are these bytes UTF-8 from the first to the last? */
export function isText(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    if (length === 0) return false;
    at += length;
  }
  return true;
}

function decodeEscaped(bytes: Uint8Array): string {
  let text = "";
  let run: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    run.push(length === 0 ? 0xdc00 + bytes[at] : codePoint(bytes, at, length));
    at += Math.max(1, length);
    if (run.length === RUN || at === bytes.length) {
      text += String.fromCodePoint(...run);
      run = [];
    }
  }
  return text;
}

function encodeEscaped(text: string): Uint8Array {
  const bytes = new Uint8Array(3 * text.length); // the most UTF-8 takes for one unit of UTF-16
  let at = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (code >= 0xdc80 && code <= 0xdcff) bytes[at++] = code - 0xdc00;
    else at += encoder.encodeInto(character, bytes.subarray(at)).written;
  }
  return bytes.slice(0, at);
}

/**
 * Bytes of the well-formed UTF-8 sequence that begins here, 0 when none does.
 * Source: The Unicode Standard 16.0, table 3-7.
 */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at];
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  const second = bytes[at + 1];
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80; // below it, a shorter form exists
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf; // above: surrogates, beyond U+10FFFF
  if (!(second >= low && second <= high)) return 0;
  for (let i = 2; i < length; i++) if ((bytes[at + i] & 0xc0) !== 0x80) return 0;
  return length;
}

function codePoint(bytes: Uint8Array, at: number, length: number): number {
  if (length === 1) return bytes[at];
  let code = bytes[at] & (0x7f >> length);
  for (let i = 1; i < length; i++) code = (code << 6) | (bytes[at + i] & 0x3f);
  return code;
}
