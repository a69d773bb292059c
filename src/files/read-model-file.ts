import { realpathSync } from "node:fs";
import { dirname, resolve, sep } from "node:path";
import type { Model } from "../graph/index.js";
import { type OpenExternal, type ReadModelOptions, readModel } from "../onnx/index.js";
import { FormatError } from "../util/errors.js";
import { printable } from "../util/text.js";
import { describeFault } from "./fault.js";
import { type FileSource, fileSource } from "./file-source.js";

export type ReadModelFileOptions = Omit<ReadModelOptions, "externalData">;

/** The identity of the file each model came from. */
const origins = new WeakMap<Model, string>();

/**
 * Reads a model by its path, whatever its size: its weights stay in the file until they are loaded, and
 * those in files beside it are found there. Such a file must lie in the model's folder, or, where the
 * path is a link, in that of the file it leads to; links to elsewhere are refused.
 *
 * @throws FormatError, GraphError as {@link readModel}; FormatError for what cannot be opened.
 */
export async function readModelFile(
  path: string,
  options: ReadModelFileOptions = {},
): Promise<Model> {
  const source = fileSource(path);
  try {
    const model = await readModel(source, { ...options, externalData: filesBeside(path) });
    origins.set(model, source.identity);
    return model;
  } catch (error) {
    source.close();
    throw error;
  }
}

/** The identity of the file a model was read from; undefined when it was not read from one. */
export function originOf(model: Model): string | undefined {
  return origins.get(model);
}

/** Opens each file once, when it is first asked for. */
function filesBeside(path: string): OpenExternal {
  const opened = new Map<string, FileSource>();
  const folders = [realpathSync(dirname(path)), dirname(realpathSync(path))];
  return async (location) => {
    const known = opened.get(location);
    if (known) return known;
    const source = fileSource(within(folders, resolve(dirname(path), location), location));
    opened.set(location, source);
    return source;
  };
}

/** @throws FormatError unless the path, links followed, lies in one of the folders. */
function within(folders: readonly string[], path: string, location: string): string {
  let real: string;
  try {
    real = realpathSync(path);
  } catch (cause) {
    throw new FormatError(describeFault("cannot read the weights in", path, cause), { cause });
  }
  if (folders.some((folder) => real.startsWith(folder.endsWith(sep) ? folder : folder + sep)))
    return real;
  throw new FormatError(
    `the weights in "${printable(location)}" lie outside of the model's folder, through a link`,
    { help: "The model may be hostile; nothing was read from there." },
  );
}
