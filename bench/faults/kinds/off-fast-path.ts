import type { Fault } from "../fault.js";
import { convLayers, groupedCounts, regroupSites } from "../sites.js";

const entails = {
  "unmixed-groups": "the layer has groups now, and what follows may keep them apart",
};

/** Channels of a block of ONNX Runtime's layout where there is AVX-512. */
const BLOCK = 16;

/** Groups whose channels do not fill the blocks of ONNX Runtime's layout. */
export const brokenBlocks: Fault = {
  audit: "off-fast-path",
  name: "groups that break ONNX Runtime's blocks of 16 channels",
  options: { target: "ort-cpu", blockSize: BLOCK },
  entails,
  sites: (patient) =>
    regroupSites(
      convLayers(patient).filter(({ kind }) => kind === "dense"),
      (layer) => {
        const { inChannels, outChannels } = layer;
        return groupedCounts(layer).filter(
          (groups) => (inChannels / groups) % BLOCK !== 0 || (outChannels / groups) % BLOCK !== 0,
        );
      },
    ),
};

/** TensorRT asks for a multiple of four channels in a group for int8, in and out. */
export const unevenForInt8: Fault = {
  audit: "off-fast-path",
  name: "groups of channels that are no multiple of 4, for TensorRT int8",
  options: { target: "tensorrt-int8" },
  entails,
  sites: (patient) =>
    regroupSites(
      convLayers(patient).filter(({ kind }) => kind === "dense"),
      (layer) => {
        const { inChannels, outChannels } = layer;
        return groupedCounts(layer).filter(
          (groups) => (inChannels / groups) % 4 !== 0 || (outChannels / groups) % 4 !== 0,
        );
      },
    ),
};
