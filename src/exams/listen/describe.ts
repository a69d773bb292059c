import type { Convolution } from "../../analysis/index.js";
import { product, range, sum } from "../../util/math.js";
import { finiteSpread, shortNumber } from "../series.js";
import { mean } from "./magnitudes.js";
import type { HeardLayer } from "./measure.js";
import { withinMean } from "./row-readers.js";
import type { ListenLayer, ListenSection } from "./section.js";

/** Beside the largest, what is under this is rounding: float32 has 24 bits. */
const DEAD = 2 ** -22;

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
  const values = written.eachRms();
  return {
    all: elements * output.wholeRms() * written.wholeRms(),
    each: output.eachRms().map((gradient, i) => elements * gradient * values[i]),
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
  const [output, weight] = [layer.output.whole(), layer.weight.whole()];
  if (!Number.isFinite(own.all) || !elasticitySpread || !output || !weight) return null;
  const outputRms = layer.output.rms();
  const loudest = Math.max(...outputRms);
  return {
    name,
    op,
    outChannels,
    groups,
    channelsPerGroup,
    output,
    weight,
    perGroup: describeGroups(layer),
    deadGroups: range(groups).filter((group) => outputRms[group] <= DEAD * loudest),
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
}: HeardLayer): ListenLayer["perGroup"] {
  const [ofOutput, ofWeight] = [outputShares.range(), weightShares.range()];
  return {
    outputMeanAbs: short(output.meanAbs()),
    outputRms: short(output.rms()),
    weightMeanAbs: short(weight.meanAbs()),
    weightRms: short(weight.rms()),
    outputShare: shares(output.rms()),
    weightShare: shares(weight.rms()),
    outputShareLeast: ofOutput && short(ofOutput.least),
    outputShareMost: ofOutput && short(ofOutput.most),
    weightShareLeast: ofWeight && short(ofWeight.least),
    weightShareMost: ofWeight && short(ofWeight.most),
    readRms: short(read.rms()),
    writtenRms: short(written.rms()),
  };
}

function compareWithDense({ subject, dense, denseRatios }: HeardLayer): ListenLayer["dense"] {
  if (!dense || !denseRatios) return null;
  const { groups } = subject.convolution;
  const squares = dense.meanSquares();
  const within = withinMean(squares, groups);
  const all = mean(squares);
  const across = Math.max(0, (groups * all - within) / (groups - 1));
  return {
    withinRms: Math.sqrt(within),
    acrossRms: Math.sqrt(across),
    ratio: all > 0 ? Math.sqrt(within / all) : null,
    ratioSpread: denseRatios.spread(),
  };
}

function shares(numbers: readonly number[]): number[] | null {
  const total = sum(numbers);
  return total > 0 ? short(numbers.map((value) => value / total)) : null;
}

function short(numbers: readonly number[]): number[] {
  return numbers.map(shortNumber);
}
