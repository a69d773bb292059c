import { expect, it } from "vitest";
import { pageOf } from "../terminal-text.js";
import { NODE_COLUMNS } from "./ask-columns.js";
import { type Column, legendOf } from "./column.js";
import { LISTEN_COLUMNS } from "./listen-columns.js";
import { LOOK_COLUMNS } from "./look-columns.js";
import { PULSE_COLUMNS } from "./pulse-columns.js";
import { textTable } from "./text-table.js";

const columns: readonly Column<string>[] = [
  { title: "layer", align: "left", text: (name) => name, isName: true },
  {
    title: "shares",
    align: "left",
    text: () => "▁▂▃▄▅▆▇█",
    leaves: 2,
    legend: "shares: a bar a group",
  },
  { title: "dead", align: "right", text: () => "0", legend: "dead: without gradient" },
  { title: "across", align: "right", text: () => "x1.00", leaves: 1, legend: "across: at zeros" },
];

it.each([
  [60, "shares: a bar a group. dead: without gradient. across: at zeros"],
  [28, "dead: without gradient. across: at zeros"],
  [18, "dead: without gradient"],
])("at %i columns the legend is that of the columns that are left", (width, legend) => {
  const lines = textTable(columns, ["one"], { ...pageOf({ width, colors: false }), width });
  expect(lines.slice(3).join(" ")).toBe(legend);
});

it("leaves out columns without any content, and keeps those that have some in one row", () => {
  const titlesOf = (across: readonly string[]) => {
    const [first, second, third] = columns;
    const last: Column<string> = { ...columns[3], text: (row) => across[Number(row)] };
    const page = { ...pageOf({ width: 80, colors: false }), width: 80 };
    return textTable([first, second, third, last], ["0", "1"], page)[0].trim().split(/ +/);
  };
  expect(titlesOf(["–", ""])).toEqual(["layer", "shares", "dead"]);
  expect(titlesOf(["–", "x1.00"])).toEqual(["layer", "shares", "dead", "across"]);
  const page = { ...pageOf({ width: 80, colors: false }), width: 80 };
  expect(textTable(columns, [""], page)[0]).toContain("layer"); // whose rows they are is always said
});

it.each([
  ["look", LOOK_COLUMNS],
  ["listen", LISTEN_COLUMNS],
  ["ask", NODE_COLUMNS],
  ["pulse", PULSE_COLUMNS],
])("legends of %s name their own columns", (_, all: readonly Column<never>[]) => {
  const titles = [...all.map(({ title }) => title), "shaded in the bar", "bar"];
  for (const { legend } of all.filter((column) => column.legend !== undefined)) {
    const [named] = legend!.split(": ");
    expect(titles.some((title) => named === title || named.startsWith(`${title},`))).toBe(true);
  }
  expect(legendOf(all)).not.toContain("..");
});
