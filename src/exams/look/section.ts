/** What look measured: channel statistics of every convolution. */
export interface LookSection {
  readonly layers: readonly LookLayer[];
}

export interface LookLayer {
  readonly name: string;
  readonly groups: number;
  readonly channelsPerGroup: number;
}
