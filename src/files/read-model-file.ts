import { realpathSync } from "node:fs";
import { dirname, relative, resolve, sep } from "node:path";
import type { Model } from "../graph/index.js";
import { type OpenExternal, type ReadModelOptions, readModel } from "../onnx/index.js";
import { FormatError } from "../util/errors.js";
import { printable } from "../util/text.js";
import { describeFault } from "./fault.js";
import { type FileSource, fileSource } from "./file-source.js";

export type ReadModelFileOptions = Omit<ReadModelOptions, "externalData">;

const origins = new WeakMap<Model, string>();

/**
 * Reads a model by its path, whatever its size: its weights stay in the file until they are loaded, and
 * those in files beside it are found there. Such a file must lie in the model's folder, links followed.
 *
 * @throws FormatError, GraphError as {@link readModel}; FormatError for what cannot be opened.
 */
export async function readModelFile(
  path: string,
  options: ReadModelFileOptions = {},
): Promise<Model> {
  const source = fileSource(path);
  try {
    const externalData = externalFiles(dirname(realpathSync(path)));
    const model = await readModel(source, { ...options, externalData });
    origins.set(model, realpathSync(path));
    return model;
  } catch (error) {
    source.close();
    throw error;
  }
}

/** The file a model was read from; undefined when it was not read from one. */
export function originOf(model: Model): string | undefined {
  return origins.get(model);
}

function externalFiles(folder: string): OpenExternal {
  const open = new Map<string, FileSource>();
  return async (location) => {
    const known = open.get(location);
    if (known) return known;
    const path = resolve(folder, location);
    let real: string;
    try {
      real = realpathSync(path);
    } catch (cause) {
      throw new FormatError(describeFault("cannot read the weights in", path, cause), { cause });
    }
    const inside = relative(folder, real);
    if (inside.startsWith(`..${sep}`) || inside === ".." || resolve(folder, inside) !== real)
      throw new FormatError(
        `the weights in "${printable(location)}" lie outside of the model's folder, through a link`,
        { help: "The model may be hostile; nothing was read from there." },
      );
    const source = fileSource(real);
    open.set(location, source);
    return source;
  };
}
