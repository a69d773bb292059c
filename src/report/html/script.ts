/**
 * Sorts and filters the table of layers. The page says everything without it; the policy of the page
 * allows this text by its hash and no other script.
 */
export const script = `
"use strict";
const table = document.getElementById("layers");
if (table) {
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const tools = document.getElementById("layer-tools");
  const [words, groupedOnly, foundOnly] = tools.querySelectorAll("input");
  const shown = tools.querySelector("output");

  const value = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.value === undefined ? cell.textContent : Number(cell.dataset.value);
  };
  const compare = (a, b) => (typeof a === "number" ? a - b : a.localeCompare(b, "en"));

  table.querySelectorAll("thead th").forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const sign = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
      for (const other of table.querySelectorAll("thead th")) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", sign === 1 ? "ascending" : "descending");
      rows.sort((a, b) => sign * compare(value(a, column), value(b, column)));
      body.append(...rows);
    });
  });

  const filter = () => {
    const wanted = words.value.trim().toLowerCase();
    let count = 0;
    for (const row of rows) {
      row.hidden =
        !row.textContent.toLowerCase().includes(wanted) ||
        (groupedOnly.checked && row.classList.contains("dense")) ||
        (foundOnly.checked && row.dataset.found === "0");
      if (!row.hidden) count++;
    }
    shown.textContent = count + " of " + rows.length + " shown";
  };
  for (const input of [words, groupedOnly, foundOnly]) input.addEventListener("input", filter);
  // A link to a row that the filter hides would lead nowhere.
  addEventListener("hashchange", () => {
    const row = document.getElementById(location.hash.slice(1));
    if (!row || !row.hidden) return;
    words.value = "";
    groupedOnly.checked = foundOnly.checked = false;
    filter();
    row.scrollIntoView();
  });
  tools.hidden = false;
  filter();
}
`;

/** SHA-256 of {@link script}, in base64. */
export const scriptHash = "MspbQD1uZpg83jxRLc9sDxe8sCLAxDfUbqUk40Bj5a4=";
