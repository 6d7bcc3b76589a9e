// Rows as CSV (RFC 4180) that no spreadsheet takes for formulas.

import { h } from "./dom.js";

const FORMULA = /^[\s\p{Cf}]*[=+\-@\t\r|%＝＋－＠]/u;
const NUMBER = /^-?\d+(?:\.\d+)?$/;

/** The whole grid as text. */
export function csvOf(grid) {
  const lines = [grid.columns.map((column) => column.title), ...grid.rows];
  return lines.map((cells) => cells.map(quoted).join(",")).join("\r\n") + "\r\n";
}

function quoted(value) {
  const text = value === null || value === undefined ? "" : String(value);
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Hand a text over as a file. The mark at its start tells spreadsheets that it is UTF-8. */
export function download(name, text) {
  const url = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv;charset=utf-8" }));
  const link = h("a", { href: url, download: name, class: "unseen", tabindex: -1, "aria-hidden": "true" });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}
