import { Rng } from "../tensor/index.js";
import { ShapeError } from "../util/errors.js";
import { range, sum } from "../util/math.js";
import {
  type Arrangement,
  arrange,
  groupAt,
  groupScores,
  keptAround,
  keptShare,
  type Layer,
  placesOf,
  type Stand,
  settle,
} from "./arrangement.js";
import { assign } from "./assign.js";
import { checkEnergy, type KernelEnergy } from "./kernel-energy.js";
import { peelBlocks } from "./peel-blocks.js";
import { LEAST_GAIN, swapChannels } from "./swap-channels.js";

/** Channels that several layers read and write, in one order for all. One object is one space. */
export interface ChannelRun {
  readonly size: number;
  /** Its order may not change: the channels of an image, the classes of an output. */
  readonly pinned: boolean;
}

/** A convolution that shall have groups. */
export interface GroupingLayer {
  /** As if it were dense; see `kernelEnergy`. */
  readonly energy: KernelEnergy;
  /** The groups it shall have. */
  readonly groups: number;
  /** The spaces its input channels are made of, in a row: several where it reads a concatenation. */
  readonly inputs: readonly ChannelRun[];
  readonly outputs: readonly ChannelRun[];
}

export interface ChannelOrdersOptions {
  /** How often to start anew, the order as it is apart. Defaults to 4: most is gained by the first. */
  readonly starts?: number;
  /** Of the starts. Defaults to 0. */
  readonly seed?: number;
}

export interface ChannelOrders {
  /** Of each space: place i gets the channel `order[i]`. */
  readonly orders: ReadonlyMap<ChannelRun, readonly number[]>;
  /** Share of each layer's energy that its groups keep, 0 to 1: before, and with these orders. */
  readonly keptBefore: readonly number[];
  readonly keptAfter: readonly number[];
}

/**
 * Orders the channels of a network so that convolutions cut into groups keep the most: the sum over the
 * layers of the share of energy kept. Shares, because behind a normalization a weight's scale means nothing.
 *
 * One space after the other is ordered for the present order of all others, exactly where no layer has it
 * on both sides and by trading pairs where one does, until nothing is gained. That is a local optimum, so
 * it starts several times: from the order as it is, from blocks peeled off layer by layer (cf. Zhao and
 * Luk, https://arxiv.org/abs/1811.09341), and from random orders. Never less is kept in all than as it is; of one layer it may be.
 *
 * @throws ShapeError if groups do not divide a layer's channels, or its spaces do not add up to them.
 */
export function channelOrders(
  layers: readonly GroupingLayer[],
  options: ChannelOrdersOptions = {},
): ChannelOrders {
  const { starts = 4, seed = 0 } = options;
  const network = prepare(layers);
  const keptBefore = network.layers.map(keptShare);
  ascend(network);
  let best = snapshot(network);
  const rng = new Rng(seed);
  for (const start of range(starts)) {
    const stream = rng.fork(`start ${start}`);
    if (start % 2 === 1) scatter(network, stream);
    else peel(network, start === 0 ? network.layers : stream.shuffle(network.layers), stream);
    ascend(network);
    const found = snapshot(network);
    if (found.total > best.total + LEAST_GAIN) best = found;
  }
  const orders = new Map<ChannelRun, readonly number[]>();
  for (const [run, places] of best.places) orders.set(run, orderOf(places));
  return { orders, keptBefore, keptAfter: best.kept };
}

interface PreparedLayer extends Layer {
  /** The runs of its rows and of its columns. */
  readonly rows: readonly ChannelRun[];
  readonly cols: readonly ChannelRun[];
}

interface Network {
  readonly layers: readonly PreparedLayer[];
  readonly arrangements: ReadonlyMap<ChannelRun, Arrangement>;
  /** The runs on the other sides of a run's layers, itself too where it is on both. */
  readonly neighbours: ReadonlyMap<ChannelRun, ReadonlySet<ChannelRun>>;
}

function prepare(given: readonly GroupingLayer[]): Network {
  const layers = given.map((layer): PreparedLayer => {
    const { energy, groups, inputs, outputs } = layer;
    checkEnergy("channelOrders", energy, groups);
    checkRuns("outputs", outputs, energy.rows);
    checkRuns("inputs", inputs, energy.cols);
    const whole = energy.data.reduce((total, kernel) => total + kernel, 0);
    const groupOf = (size: number) =>
      Int32Array.from(range(size), (place) => Math.floor((place * groups) / size));
    return {
      energy: { ...energy, data: energy.data.map((kernel) => (whole > 0 ? kernel / whole : 0)) },
      groups,
      rowGroup: groupOf(energy.rows),
      colGroup: groupOf(energy.cols),
      rows: outputs,
      cols: inputs,
    };
  });
  const stands = new Map<ChannelRun, Stand[]>();
  const neighbours = new Map<ChannelRun, Set<ChannelRun>>();
  for (const layer of layers)
    for (const [side, other] of [
      ["rows", "cols"],
      ["cols", "rows"],
    ] as const) {
      let offset = 0;
      for (const run of layer[side]) {
        stands.set(run, [...(stands.get(run) ?? []), { layer, side, offset }]);
        neighbours.set(run, new Set([...(neighbours.get(run) ?? []), ...layer[other]]));
        offset += run.size;
      }
    }
  return {
    layers,
    arrangements: new Map([...stands].map(([run, list]) => [run, arrange(run.size, list)])),
    neighbours,
  };
}

function checkRuns(name: string, runs: readonly ChannelRun[], channels: number): void {
  const size = sum(runs.map((run) => run.size));
  if (size !== channels)
    throw new ShapeError(
      `channelOrders: ${name} of ${size} channels in all must be the layer's ${channels}`,
    );
}

/** Orders one space after the other, and again those beside one that has changed, until none gains. */
function ascend({ arrangements, neighbours }: Network): void {
  const waiting = new Set<ChannelRun>();
  for (const [run, { cellEnds }] of arrangements)
    if (!run.pinned && cellEnds.length > 1) waiting.add(run);
  const open = new Set(waiting);
  for (const run of waiting) {
    waiting.delete(run);
    const arrangement = arrangements.get(run)!;
    const isReassigned = reassign(arrangement);
    const isSwapped = arrangement.isTied && swapChannels(arrangement);
    if (!isReassigned && !isSwapped) continue;
    for (const beside of neighbours.get(run)!) if (open.has(beside)) waiting.add(beside);
  }
}

/** Orders a space for the present order of all others; leaves it as it is when that gains nothing. */
function reassign(arrangement: Arrangement): boolean {
  const { cellEnds, place, isTied } = arrangement;
  const scores = cellScores(arrangement, arrangement.stands);
  const cellOf = assign(scores, capacitiesOf(arrangement));
  const cellAt = capacitiesOf(arrangement).flatMap((room, cell) => Array<number>(room).fill(cell));
  let gain = 0;
  for (const [channel, cell] of cellOf.entries()) {
    const first = channel * cellEnds.length;
    gain += scores[first + cell] - scores[first + cellAt[place[channel]]];
  }
  if (gain <= LEAST_GAIN) return false;
  const [before, places] = [isTied ? keptAround(arrangement) : 0, place.slice()];
  settle(arrangement, placesOf(cellOf, cellEnds));
  // With both ends of a kernel moving, what the scores promised need not come true.
  if (!isTied || keptAround(arrangement) > before + LEAST_GAIN) return true;
  settle(arrangement, places);
  return false;
}

/** What each channel would keep in each cell, all else standing as it does: `[size, cells]`. */
function cellScores({ size, cellEnds }: Arrangement, stands: readonly Stand[]): Float64Array {
  const cells = cellEnds.length;
  const scores = new Float64Array(size * cells);
  for (const stand of stands) {
    const table = groupScores(stand, size);
    const groupOfCell = cellEnds.map((end) => groupAt(stand, end - 1));
    for (let channel = 0; channel < size; channel++)
      for (let cell = 0; cell < cells; cell++)
        scores[channel * cells + cell] += table[channel * stand.layer.groups + groupOfCell[cell]];
  }
  return scores;
}

function capacitiesOf({ cellEnds }: Arrangement): number[] {
  return cellEnds.map((end, cell) => end - (cellEnds[cell - 1] ?? 0));
}

/** A start: every order by chance. */
function scatter({ arrangements }: Network, rng: Rng): void {
  for (const [{ size, pinned }, arrangement] of arrangements)
    if (!pinned) settle(arrangement, Int32Array.from(rng.shuffle(range(size))));
}

/** A start: layer by layer in this order, spaces nobody ordered yet are ordered for that layer alone. */
function peel({ arrangements }: Network, layers: readonly PreparedLayer[], rng: Rng): void {
  const isOpen = new Set<ChannelRun>();
  for (const [run, arrangement] of arrangements) {
    settle(arrangement, Int32Array.from(range(run.size)));
    if (!run.pinned) isOpen.add(run);
  }
  for (const layer of layers) {
    const { rows, cols, energy, groups } = layer;
    const isWhole = rows.length === 1 && cols.length === 1;
    if (isWhole && isOpen.has(rows[0]) && isOpen.has(cols[0])) {
      const blocks = peelBlocks(energy, groups, rng, rows[0] === cols[0]);
      const ends = (size: number) => range(1, groups + 1).map((group) => (group * size) / groups);
      settle(arrangements.get(cols[0])!, placesOf(blocks.colGroup, ends(energy.cols)));
      settle(arrangements.get(rows[0])!, placesOf(blocks.rowGroup, ends(energy.rows)));
    } else {
      for (const run of [...cols, ...rows]) {
        const arrangement = arrangements.get(run)!;
        const here = arrangement.stands.filter((stand) => stand.layer === layer);
        if (isOpen.has(run)) {
          const cellOf = assign(cellScores(arrangement, here), capacitiesOf(arrangement));
          settle(arrangement, placesOf(cellOf, arrangement.cellEnds));
        }
        isOpen.delete(run);
      }
    }
    for (const run of [...cols, ...rows]) isOpen.delete(run);
  }
}

interface Snapshot {
  readonly total: number;
  readonly kept: readonly number[];
  readonly places: ReadonlyMap<ChannelRun, Int32Array>;
}

function snapshot({ layers, arrangements }: Network): Snapshot {
  const kept = layers.map(keptShare);
  const places = [...arrangements].map(([run, { place }]) => [run, place.slice()] as const);
  return { total: sum(kept), kept, places: new Map(places) };
}

function orderOf(places: Int32Array): number[] {
  const order = Array<number>(places.length);
  for (const [channel, place] of places.entries()) order[place] = channel;
  return order;
}

/**
 * The best orders found for one convolution alone, both sides free; see `channelOrders`.
 *
 * @throws ShapeError if the groups do not divide the layer's channels.
 */
export function layerChannelOrders(
  energy: KernelEnergy,
  groups: number,
  options: ChannelOrdersOptions = {},
): {
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly keptBefore: number;
  readonly keptAfter: number;
} {
  const [inputs, outputs] = [energy.cols, energy.rows].map((size) => ({ size, pinned: false }));
  const layers = [{ energy, groups, inputs: [inputs], outputs: [outputs] }];
  const { orders, keptBefore, keptAfter } = channelOrders(layers, options);
  return {
    inputs: orders.get(inputs)!,
    outputs: orders.get(outputs)!,
    keptBefore: keptBefore[0],
    keptAfter: keptAfter[0],
  };
}
