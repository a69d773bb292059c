import type { Copy } from "../copy.js";
import type { Fault, Site } from "../fault.js";
import type { Patient } from "../patient.js";
import { easyGroups, readerBehind } from "../sites.js";

type Write = (copy: Copy, shape: readonly number[], groups: number) => (x: Value) => Value;
type Value = Parameters<Copy["shuffle"]>[1];

/** A shuffle of as many groups as channels, which moves nothing. */
export const idleShuffle: Fault = {
  audit: "redundant-shuffle",
  name: "a shuffle that moves nothing",
  sites: (patient) =>
    shuffleSites(patient, (copy, shape) => (x) => copy.shuffle("planted", x, shape, shape[1])),
};

/** A shuffle and its inverse behind it. */
export const undoneShuffle: Fault = {
  audit: "redundant-shuffle",
  name: "a shuffle and its inverse",
  sites: (patient) =>
    shuffleSites(patient, (copy, shape, groups) => (x) => {
      const shuffled = copy.shuffle("planted.0", x, shape, groups);
      return copy.shuffle(
        "planted.1",
        copy.relu("planted.relu", shuffled),
        shape,
        shape[1] / groups,
      );
    }),
};

/** A shuffle in front of a layer that mixes all channels anyway. */
export const shuffleBeforeDense: Fault = {
  audit: "redundant-shuffle",
  name: "a shuffle in front of a dense layer",
  sites: (patient) =>
    shuffleSites(
      patient,
      (copy, shape, groups) => (x) => copy.shuffle("planted", x, shape, groups),
      (reader) => patient.layerOf(reader)?.kind === "dense",
    ),
};

/** Behind every layer that has several channels; the finding may name it or the layer that reads it. */
function shuffleSites(
  patient: Patient,
  write: Write,
  suits: (reader: ReturnType<typeof readerBehind>) => boolean = () => true,
): Site[] {
  return patient.convolutions.flatMap((layer): Site[] => {
    const { y, outChannels, node } = layer;
    const shape = patient.shapeOf(y);
    const groups = easyGroups(outChannels);
    const reader = readerBehind(y);
    if (!shape || !groups || node.graph !== patient.model.graph || !suits(reader)) return [];
    return [
      {
        at: layer.name,
        plant: (copy) => {
          copy.insertAfter(y, write(copy, shape, groups));
          return [layer.name];
        },
      },
    ];
  });
}
