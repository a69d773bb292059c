import { type ImagePresetName, imagePresets } from "../../exams/index.js";
import { FITS } from "../../files/index.js";
import {
  oneOf,
  parseByte,
  parseColours,
  parsePictureSize,
  parsePositiveColours,
  parseScale,
} from "../parsers.js";

const PRESET_NAMES = Object.keys(imagePresets) as ImagePresetName[];
const ORDERS = ["rgb", "bgr"] as const;
const LAYOUTS = ["NCHW", "NHWC"] as const;

const optional = { optional: true } as const;

/** Flags that say how pictures of the person's become numbers: a preset, and what is to be different. */
export const pictureFlags = {
  pictures: {
    kind: "parsed",
    parse: oneOf(PRESET_NAMES),
    brief: `How pictures are prepared: ${PRESET_NAMES.join(", ")}. Defaults to unit, or to raw for inputs of whole numbers`,
    placeholder: "preset",
    ...optional,
  },
  scale: {
    kind: "parsed",
    parse: parseScale,
    brief:
      "What pixels from 0 to 255 are multiplied by first, such as 1/255. Here and below the preset decides by default",
    placeholder: "number",
    ...optional,
  },
  mean: {
    kind: "parsed",
    parse: parseColours,
    brief: "Mean to subtract then: one number, or one a colour in the order of --order",
    placeholder: "0.485,0.456,0.406",
    ...optional,
  },
  std: {
    kind: "parsed",
    parse: parsePositiveColours,
    brief: "Deviation to divide by then: one number, or one a colour in the order of --order",
    placeholder: "0.229,0.224,0.225",
    ...optional,
  },
  order: {
    kind: "parsed",
    parse: oneOf(ORDERS),
    brief: `Order of the colours: ${ORDERS.join(", ")}`,
    placeholder: "order",
    ...optional,
  },
  fit: {
    kind: "parsed",
    parse: oneOf(FITS),
    brief: `How pictures of another shape are brought to size: ${FITS.join(", ")}`,
    placeholder: "fit",
    ...optional,
  },
  padding: {
    kind: "parsed",
    parse: parseByte,
    brief: "Grey of the border of letterbox and corner, from 0 to 255",
    placeholder: "grey",
    ...optional,
  },
  size: {
    kind: "parsed",
    parse: parsePictureSize,
    brief:
      "Height and width of pictures where the model leaves them open, in pixels; those of --input by default",
    placeholder: "640x480",
    ...optional,
  },
  layout: {
    kind: "parsed",
    parse: oneOf(LAYOUTS),
    brief: `Axes of the input: ${LAYOUTS.join(", ")}. By default read from the model's shape`,
    placeholder: "axes",
    ...optional,
  },
} as const;

export const PICTURE_FLAGS = Object.keys(pictureFlags) as (keyof typeof pictureFlags)[];

/** Values of {@link pictureFlags}. */
export type PictureFlags = {
  readonly [Name in keyof typeof pictureFlags]?: ReturnType<(typeof pictureFlags)[Name]["parse"]>;
};
