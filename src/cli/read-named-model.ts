import { readModelFile } from "../files/index.js";
import type { Model } from "../graph/index.js";
import { FormatError, GraphError } from "../util/errors.js";

/** Reads a model; what is wrong with the file is said with the name that the person gave it in front. */
export async function readNamedModel(file: string, name: string): Promise<Model> {
  try {
    return await readModelFile(file);
  } catch (error) {
    if (!(error instanceof FormatError || error instanceof GraphError)) throw error;
    if (error.message.includes(file)) throw error;
    throw new FormatError(`${name}: ${error.message}`, { help: error.help, cause: error });
  }
}
