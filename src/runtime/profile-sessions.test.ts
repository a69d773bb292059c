import { expect, it } from "vitest";
import { bySession, joinSessions, type SessionProfile } from "./profile-sessions.js";

const node = (name: string, ms: number[]) => ({
  name,
  op: "Relu",
  provider: "cpu",
  inputShapes: [],
  outputShapes: [],
  dataBytes: 4,
  ms,
});
const first: SessionProfile = {
  nodes: [node("a", [1, 2]), node("else", [3, 4])],
  wholeMs: [5, 7],
  plainMs: [4, 6],
};
const second: SessionProfile = {
  nodes: [node("then", [8, 9, 10]), node("a", [11, 12, 13])], // the branch that was taken, and in another order
  wholeMs: [20, 21, 22],
  plainMs: [18, 19, 20],
};

it("puts runs one behind the other, nodes together by name", () => {
  const joined = joinSessions([first, second]);
  expect(joined).toEqual({
    nodes: [
      node("a", [1, 2, 11, 12, 13]),
      node("else", [3, 4, 0, 0, 0]),
      node("then", [0, 0, 8, 9, 10]),
    ],
    wholeMs: [5, 7, 20, 21, 22],
    plainMs: [4, 6, 18, 19, 20],
    sessions: [0, 0, 1, 1, 1],
  });
  expect(first.nodes[0].ms).toEqual([1, 2]);
  expect(bySession(joined.plainMs, joined)).toEqual([
    [4, 6],
    [18, 19, 20],
  ]);
});

it("takes as many runs as the profiler keeps of one node", () => {
  const ms = Array<number>(600_000).fill(1);
  const joined = joinSessions([{ nodes: [node("a", ms)], wholeMs: ms, plainMs: ms }]);
  expect(joined.nodes[0].ms).toHaveLength(600_000);
  expect(bySession(joined.plainMs, joined).map(({ length }) => length)).toEqual([600_000]);
});
