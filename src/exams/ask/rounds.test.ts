import { expect, it } from "vitest";
import { timeInRounds } from "./rounds.js";

function contestants(log: string[]) {
  return ["a", "b", "c"].map((name, i) => ({
    async time() {
      log.push(name);
      return i + 1;
    },
  }));
}

it("times each once a round, in changing order", async () => {
  const log: string[] = [];
  const { rounds, settled } = await timeInRounds(contestants(log), {
    isOver: () => false,
    isSettled: (rounds) => rounds.length === 8,
    mostRounds: 100,
  });
  expect(settled).toBe(true);
  expect(rounds).toEqual(Array(8).fill([1, 2, 3]));
  const orders = rounds.map((_, i) => log.slice(3 * i, 3 * i + 3).join(""));
  for (const order of orders) expect([...order].sort().join("")).toBe("abc");
  expect(new Set(orders).size).toBeGreaterThan(3);
});

it("leaves out a round that is not whole, and goes on from earlier ones", async () => {
  const log: string[] = [];
  const options = { isOver: () => log.length >= 5, isSettled: () => false, mostRounds: 100 };
  const first = await timeInRounds(contestants(log), options);
  expect(log).toHaveLength(5);
  expect(first).toEqual({ rounds: [[1, 2, 3]], settled: false });

  const more = await timeInRounds(contestants([]), {
    earlier: first.rounds,
    isOver: (rounds) => rounds >= 3,
    isSettled: () => false,
    mostRounds: 100,
  });
  expect(more.rounds).toEqual(Array(3).fill([1, 2, 3]));
});

it("times nothing that is settled already, and no more than told", async () => {
  const log: string[] = [];
  const earlier = [[9, 9, 9]];
  const done = await timeInRounds(contestants(log), {
    earlier,
    isOver: () => false,
    isSettled: () => true,
    mostRounds: 9,
  });
  expect(done).toEqual({ rounds: earlier, settled: true });
  expect(log).toEqual([]);
  const most = await timeInRounds(contestants(log), {
    isOver: () => false,
    isSettled: () => false,
    mostRounds: 4,
  });
  expect(most).toEqual({ rounds: Array(4).fill([1, 2, 3]), settled: false });
});
