import { FormatError } from "../util/errors.js";
import { printable } from "../util/text.js";
import type { TensorProto } from "./schema.js";

/** Where in another file a tensor's numbers begin. */
export interface ExternalLocation {
  readonly location: string;
  readonly offset: number;
}

/**
 * What `external_data` says, checked.
 * @throws FormatError when it names no file of the model's folder, or not `byteLength` bytes of it.
 */
export function externalLocation(
  proto: TensorProto,
  where: string,
  byteLength: number,
): ExternalLocation {
  const entries = new Map(proto.externalData?.map((entry) => [entry.key, entry.value ?? ""]));
  const location = entries.get("location") ?? "";
  checkLocation(location, where);
  const [offset, length] = [entries.get("offset") ?? "0", entries.get("length")];
  const start = wholeNumber(offset);
  if (start === undefined || (length !== undefined && wholeNumber(length) !== byteLength))
    throw new FormatError(
      `${where}: external data of ${byteLength} bytes has offset="${printable(offset, 40)}" length="${printable(length ?? "", 40)}"`,
      { help: "The offset must be a whole number, and the length that of the tensor." },
    );
  return { location, offset: start };
}

function wholeNumber(text: string): number | undefined {
  const number = Number(text);
  return /^\d+$/.test(text) && Number.isSafeInteger(number) ? number : undefined;
}

/** @throws FormatError for a location that could lead out of the model's folder. */
function checkLocation(location: string, where: string): void {
  const leaves =
    location === "" ||
    /^[/\\]|^[A-Za-z]:|\0/.test(location) ||
    location.split(/[/\\]/).includes("..");
  if (leaves)
    throw new FormatError(
      `${where}: external data location="${printable(location)}" must stay in the model's folder`,
      { help: "The file may be hostile; nothing was read from there." },
    );
}
