export { type CheckpointFile, checkpointFile } from "./checkpoint-file.js";
export {
  type DecodedImages,
  type DecodeImagesOptions,
  decodeImages,
  FITS,
  type Fit,
  findImages,
  type ImageFiles,
  isImageName,
} from "./decode-images.js";
export { describeFault } from "./fault.js";
export { type FileSource, fileSource } from "./file-source.js";
export { makeFolder } from "./make-folder.js";
export { type ReadModelFileOptions, readModelFile } from "./read-model-file.js";
export { isSameFile } from "./same-file.js";
export { checkWritable, isStream, writeFileAtomic } from "./write-file.js";
export { type WriteModelOptions, writeModelFile } from "./write-model-file.js";
