import { UsageError } from "../util/errors.js";
import { nearestWord, printable } from "../util/text.js";

/** How the pixels of a picture become the numbers a network was trained on. */
export interface ImagePreset {
  /** What pixels from 0 to 255 are multiplied by first. */
  readonly scale: number;
  /** Subtracted, then divided by; one number a channel in the order of `order`. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly order: "rgb" | "bgr";
  readonly fit: "stretch" | "letterbox" | "corner" | "cover";
  /** Grey of the border, from 0 to 255. */
  readonly padding: number;
  /** Height and width where the model leaves them open, in pixels. */
  readonly size: readonly [number, number];
}

const imagenet = {
  scale: 1 / 255,
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
} as const;
const plain = { scale: 1 / 255, mean: [0, 0, 0], std: [1, 1, 1] } as const;
const centred = { scale: 1 / 255, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const;

/** What well-known families of models expect. */
export const imagePresets = {
  /** Pixels from 0 to 1. */
  unit: { ...plain, order: "rgb", fit: "cover", padding: 0, size: [224, 224] },
  /** Pixels from 0 to 255, as models that normalise by themselves take them. */
  raw: { ...plain, scale: 1, order: "rgb", fit: "cover", padding: 0, size: [224, 224] },
  /** torchvision's classifiers (https://pytorch.org/vision/stable/models.html). */
  imagenet: { ...imagenet, order: "rgb", fit: "cover", padding: 0, size: [224, 224] },
  /** Ultralytics' detectors. */
  yolo: { ...plain, order: "rgb", fit: "letterbox", padding: 114, size: [640, 640] },
  /** PaddleOCR's text detectors: ImageNet's numbers on blue, green, red, as OpenCV reads files. */
  "ocr-det": { ...imagenet, order: "bgr", fit: "letterbox", padding: 0, size: [640, 640] },
  /** PaddleOCR's text recognisers: a line of text at the left. */
  "ocr-rec": { ...centred, order: "bgr", fit: "corner", padding: 128, size: [48, 320] },
  /** PaddleOCR's classifier of a line's direction. */
  "ocr-cls": { ...centred, order: "bgr", fit: "corner", padding: 128, size: [48, 192] },
} as const satisfies Readonly<Record<string, ImagePreset>>;

export type ImagePresetName = keyof typeof imagePresets;

/** @throws UsageError naming the nearest preset. */
export function findImagePreset(name: string): ImagePreset {
  if (Object.hasOwn(imagePresets, name)) return imagePresets[name as ImagePresetName];
  const names = Object.keys(imagePresets);
  const near = nearestWord(name, names);
  throw new UsageError(`image preset="${printable(name)}" is none of ${names.join(", ")}`, {
    help: near ? `Did you mean ${near}?` : undefined,
  });
}
