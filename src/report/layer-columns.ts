import type { ConvolutionRow } from "../audits/result.js";
import {
  channelsPerGroupText,
  compact,
  fastPathText,
  kernelText,
  MISSING,
  mixingText,
} from "./format.js";

export interface LayerColumn {
  readonly id: ColumnId;
  readonly title: string;
  readonly align: "left" | "right";
  /** The cell as plain text, names as the model has them: escape it. */
  text(row: ConvolutionRow): string;
}

export type ColumnId =
  | "name"
  | "role"
  | "in"
  | "out"
  | "kernel"
  | "groups"
  | "channelsPerGroup"
  | "params"
  | "macs"
  | "fastPath"
  | "mixedBy";

/** The table of convolutions, the same in every text renderer. */
export const LAYER_COLUMNS: readonly LayerColumn[] = [
  { id: "name", title: "layer", align: "left", text: ({ name }) => name },
  {
    id: "role",
    title: "role",
    align: "left",
    text: ({ role }) => (role === "unknown" ? MISSING : role),
  },
  { id: "in", title: "in", align: "right", text: ({ inChannels }) => String(inChannels) },
  { id: "out", title: "out", align: "right", text: ({ outChannels }) => String(outChannels) },
  { id: "kernel", title: "kernel", align: "left", text: kernelText },
  { id: "groups", title: "groups", align: "right", text: ({ groups }) => String(groups) },
  {
    id: "channelsPerGroup",
    title: "ch/group",
    align: "right",
    text: ({ channelsPerGroup }) => channelsPerGroupText(channelsPerGroup),
  },
  { id: "params", title: "params", align: "right", text: ({ params }) => compact(params) },
  { id: "macs", title: "MACs", align: "right", text: ({ macs }) => compact(macs) },
  { id: "fastPath", title: "path", align: "left", text: fastPathText },
  { id: "mixedBy", title: "mixed by", align: "left", text: mixingText },
];
