import type { Convolution } from "../../analysis/index.js";
import { product, sum } from "../../util/math.js";
import { finiteSpread, shortNumber } from "../series.js";
import { mean } from "./magnitudes.js";
import type { HeardLayer } from "./measure.js";
import { deadGroups, normalisedGradients } from "./normalised.js";
import { denseSquares } from "./row-readers.js";
import type { ListenLayer, ListenSection } from "./section.js";

/** Of a layer, over all samples, and of each by itself. */
interface Elasticity {
  readonly all: number;
  readonly each: readonly number[];
}

/** What was heard as the report has it. Layers with numbers that float32 does not hold are left out. */
export function describe(heard: readonly HeardLayer[]): {
  layers: ListenLayer[];
  silent: ListenSection["skipped"];
} {
  const elasticities = new Map(
    heard.map((layer) => [layer.subject.convolution, elasticityOf(layer)]),
  );
  const layers: ListenLayer[] = [];
  const silent: { name: string; reason: string }[] = [];
  for (const layer of heard) {
    const described = describeLayer(layer, elasticities);
    if (described) layers.push(described);
    else
      silent.push({
        name: layer.subject.convolution.name,
        reason: "its gradient or what it writes is not finite",
      });
  }
  return { layers, silent };
}

/** Norm of the gradient times norm of the value, of a sample. */
function elasticityOf({ subject, output, written }: HeardLayer): Elasticity {
  const elements = product(subject.outShape.slice(1));
  const values = written.sums.eachRms();
  return {
    all: elements * output.sums.wholeRms() * written.sums.wholeRms(),
    each: output.sums.eachRms().map((gradient, i) => elements * gradient * values[i]),
  };
}

/** Null where its numbers are not finite. */
function describeLayer(
  layer: HeardLayer,
  elasticities: ReadonlyMap<Convolution, Elasticity>,
): ListenLayer | null {
  const { convolution, next } = layer.subject;
  const { name, op, outChannels, groups, channelsPerGroup } = convolution;
  const own = elasticities.get(convolution)!;
  const elasticitySpread = finiteSpread(own.each);
  const [output, weight] = [layer.output.sums.whole(), layer.weight.sums.whole()];
  if (!Number.isFinite(own.all) || !elasticitySpread || !output || !weight) return null;
  return {
    name,
    op,
    outChannels,
    groups,
    channelsPerGroup,
    output,
    weight,
    perGroup: describeGroups(layer),
    deadGroups: deadGroups(layer.output.sums.rms()),
    dense: compareWithDense(layer),
    elasticity: own.all,
    elasticitySpread,
    next: next.map((one) => one.name),
    ...compareWithNext(
      own,
      next.flatMap((one) => elasticities.get(one) ?? []),
    ),
  };
}

function compareWithNext(
  own: Elasticity,
  next: readonly Elasticity[],
): Pick<ListenLayer, "ratioToNext" | "ratioToNextSpread"> {
  const ratio = own.all / mean(next.map(({ all }) => all));
  if (!Number.isFinite(ratio)) return { ratioToNext: null, ratioToNextSpread: null };
  // What stands between may have made other samples of the batch, such as windows of a picture.
  const hasSame = next.every(({ each }) => each.length === own.each.length);
  const each = own.each.map((value, i) => value / mean(next.map((one) => one.each[i])));
  return { ratioToNext: ratio, ratioToNextSpread: hasSame ? finiteSpread(each) : null };
}

function describeGroups({
  output,
  outputShares,
  weight,
  weightShares,
  read,
  written,
  normalised,
}: HeardLayer): ListenLayer["perGroup"] {
  const [ofOutput, ofWeight] = [outputShares.range(), weightShares.range()];
  const sizes = {
    weight: weight.sums.rms(),
    output: output.sums.rms(),
    read: read.sums.rms(),
    written: written.sums.rms(),
  };
  return {
    outputMeanAbs: short(output.sums.meanAbs()),
    sdOutputMeanAbs: short(output.deviations.meanAbs()),
    outputRms: short(sizes.output),
    sdOutputRms: short(output.deviations.rms()),
    weightMeanAbs: short(weight.sums.meanAbs()),
    sdWeightMeanAbs: short(weight.deviations.meanAbs()),
    weightRms: short(sizes.weight),
    sdWeightRms: short(weight.deviations.rms()),
    outputShare: shares(sizes.output),
    weightShare: shares(sizes.weight),
    outputShareLeast: short(ofOutput?.least),
    outputShareMost: short(ofOutput?.most),
    weightShareLeast: short(ofWeight?.least),
    weightShareMost: short(ofWeight?.most),
    readRms: short(sizes.read),
    sdReadRms: short(read.deviations.rms()),
    writtenRms: short(sizes.written),
    sdWrittenRms: short(written.deviations.rms()),
    normalised: normalisedGradients(sizes).map(shortOrNull),
    normalisedLeast: normalised.least.map(shortOrNull),
    normalisedMost: normalised.most.map(shortOrNull),
  };
}

function compareWithDense({ subject, dense }: HeardLayer): ListenLayer["dense"] {
  if (!dense) return null;
  const { sums, sizes } = dense;
  const { within, across, all } = denseSquares(sums.meanSquares(), subject.convolution.groups);
  return {
    withinRms: Math.sqrt(within),
    withinRmsSpread: sizes.within(),
    acrossRms: Math.sqrt(across),
    acrossRmsSpread: sizes.across(),
    ratio: all > 0 ? Math.sqrt(within / all) : null,
    ratioSpread: sizes.ratio(),
  };
}

function shares(numbers: readonly number[]): number[] | null {
  const total = sum(numbers);
  return total > 0 ? short(numbers.map((value) => value / total)) : null;
}

function short(numbers: readonly number[]): number[];
function short(numbers: readonly number[] | null | undefined): number[] | null;
function short(numbers: readonly number[] | null | undefined): number[] | null {
  return numbers?.map(shortNumber) ?? null;
}

function shortOrNull(value: number | null): number | null {
  return value === null ? null : shortNumber(value);
}
