import { type Dirent, readdirSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import type sharp from "sharp";
import { FormatError, UsageError } from "../util/errors.js";
import { printable } from "../util/text.js";
import { describeFault } from "./fault.js";
import { statusOf } from "./status.js";

/** How a picture of another shape is brought to the size wanted. */
export type Fit =
  /** Whole, squeezed in one direction. */
  | "stretch"
  /** Whole and undistorted, in the middle of a border. */
  | "letterbox"
  /** Whole and undistorted, at the upper left of a border. */
  | "corner"
  /** Its middle, undistorted, without a border. */
  | "cover";

export const FITS: readonly Fit[] = ["stretch", "letterbox", "corner", "cover"];

export interface DecodeImagesOptions {
  /** Pixels. */
  readonly height: number;
  readonly width: number;
  readonly fit: Fit;
  /** 1: grey; 3: red, green and blue. */
  readonly channels: 1 | 3;
  /** Of the border, from 0 to 255. */
  readonly padding: number;
  /** Most pictures to take, evenly spread over the folder. */
  readonly maxImages: number;
  /** Most bytes of decoded pictures to keep; those that go beyond are decoded each time they are asked for. */
  readonly keepBytes: number;
}

export interface DecodedImages {
  readonly count: number;
  /** What is kept of them. */
  readonly heldBytes: number;
  /** Files that are pictures by their name; more than were taken where there are many. */
  readonly found: number;
  /** Taken and not readable. */
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
  /**
   * `[height, width, channels]`, 0 to 255, of the picture of this number, in the order of their paths.
   * @throws FormatError when it can be decoded no more.
   */
  pixels(index: number): Promise<Uint8Array>;
}

const IMAGE_NAMES = /\.(png|jpe?g|webp|gif|tiff?|avif|bmp)$/i;

/** Larger pictures are a mistake or an attack: they unpack to gigabytes. */
const MOST_PIXELS = 1e8;

export function isImageName(path: string): boolean {
  return IMAGE_NAMES.test(path);
}

/** Files that are pictures by their name. */
export interface ImageFiles {
  /** A picture, or a folder. */
  readonly path: string;
  /** Paths below it, sorted; one empty path when it is a picture itself. */
  readonly names: readonly string[];
}

/**
 * A picture, or the pictures of a folder and the folders in it; those of a folder are not opened yet.
 *
 * @throws UsageError when the optional package sharp, which decodes them, is not installed.
 * @throws FormatError when the path cannot be read, holds no picture, or is one that cannot be decoded.
 */
export async function findImages(path: string): Promise<ImageFiles> {
  const decode = await loadDecoder();
  const names = listImages(path);
  if (names.length === 0)
    throw new FormatError(
      `"${printable(path)}" holds no picture (png, jpeg, webp, gif, tiff, avif)`,
    );
  if (names[0] === "")
    await decode(path)
      .metadata()
      .catch((cause) => {
        throw new FormatError(cannotBeDecoded(path, reasonOf(cause)), {
          help: isImageName(path) ? undefined : "Arrays are read from .npy and .npz.",
          cause,
        });
      });
  return { path, names };
}

/**
 * Decodes pictures.
 *
 * @throws FormatError when none can be decoded.
 */
export async function decodeImages(
  { path, names }: ImageFiles,
  options: DecodeImagesOptions,
): Promise<DecodedImages> {
  const decode = await loadDecoder();
  const { height, width, channels, maxImages, keepBytes } = options;
  const taken = spread(names, maxImages);
  const imageBytes = height * width * channels;
  const most = Math.floor(keepBytes / imageBytes);
  const kept: Uint8Array[] = [];
  const sound: string[] = [];
  const skipped: { name: string; reason: string }[] = [];
  for (const name of taken) {
    try {
      const pixels = await decodeOne(decode, join(path, name), options);
      sound.push(name);
      if (kept.length < most) kept.push(pixels);
    } catch (error) {
      skipped.push({ name: printable(name || path), reason: printable(reasonOf(error)) });
    }
  }
  if (sound.length === 0) {
    const [{ name, reason }] = skipped;
    throw new FormatError(
      taken[0] === ""
        ? cannotBeDecoded(path, reason)
        : `none of ${taken.length} pictures in "${printable(path)}" can be decoded; ${name}: ${reason}`,
    );
  }
  return {
    count: sound.length,
    heldBytes: kept.length * imageBytes,
    found: names.length,
    skipped,
    async pixels(index) {
      if (index < kept.length) return kept[index];
      const file = join(path, sound[index]);
      try {
        return await decodeOne(decode, file, options);
      } catch (cause) {
        throw new FormatError(
          `"${printable(file)}" can be decoded no more: ${printable(reasonOf(cause))}`,
          { cause },
        );
      }
    },
  };
}

function cannotBeDecoded(path: string, reason: string): string {
  return `"${printable(path)}" cannot be decoded as a picture: ${printable(reason)}`;
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0];
}

async function loadDecoder(): Promise<typeof sharp> {
  try {
    return (await import("sharp")).default;
  } catch (cause) {
    throw new UsageError("reading pictures needs the package sharp, which is not installed", {
      help: "npm install sharp; or give the data as .npy or .npz.",
      cause,
    });
  }
}

/** Paths below `path`, sorted; one empty path when it is a file itself. */
function listImages(path: string): string[] {
  try {
    if (!statSync(path).isDirectory()) return [""];
    return readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => isImageName(entry.name) && mayBeFile(entry))
      .map((entry) => relative(path, join(entry.parentPath, entry.name)))
      .sort();
  } catch (cause) {
    throw new FormatError(describeFault("cannot read", path, cause), { cause });
  }
}

/** Links to files are files; one that leads nowhere is to be told of, as any picture that cannot be read. */
function mayBeFile(entry: Dirent): boolean {
  if (!entry.isSymbolicLink()) return entry.isFile();
  return statusOf(join(entry.parentPath, entry.name))?.isFile() ?? true;
}

function spread<T>(items: readonly T[], most: number): T[] {
  if (items.length <= most) return [...items];
  return Array.from({ length: most }, (_, i) => items[Math.floor((i * items.length) / most)]);
}

const FIT_OF_SHARP = {
  stretch: "fill",
  letterbox: "contain",
  corner: "contain",
  cover: "cover",
} as const;

async function decodeOne(
  decode: typeof sharp,
  path: string,
  { height, width, fit, channels, padding }: DecodeImagesOptions,
): Promise<Uint8Array> {
  const background = { r: padding, g: padding, b: padding };
  const picture = decode(path, { limitInputPixels: MOST_PIXELS })
    .rotate() // as its metadata say it is to be seen
    .flatten({ background: { r: 255, g: 255, b: 255 } })
    .toColourspace("srgb")
    .resize(width, height, {
      fit: FIT_OF_SHARP[fit],
      position: fit === "corner" ? "left top" : "centre",
      background,
    });
  const { data, info } = await picture.removeAlpha().raw().toBuffer({ resolveWithObject: true });
  if (channels === info.channels) return data;
  const pixels = new Uint8Array(height * width * channels);
  for (let i = 0; i < height * width; i++) {
    const [red, green = red, blue = red] = data.subarray(
      i * info.channels,
      (i + 1) * info.channels,
    );
    if (channels === 3) pixels.set([red, green, blue], 3 * i);
    else pixels[i] = Math.round(0.299 * red + 0.587 * green + 0.114 * blue); // ITU-R BT.601
  }
  return pixels;
}
