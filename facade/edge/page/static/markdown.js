// The Markdown that the service writes, as elements: paragraphs, lists, quotes, tables, strong, code. Nothing else is
// known here: no links, no images, no markup. What is not understood stays the text it was.

import { h } from "./dom.js";

/** Elements for a text. `onTable(header, rows)` makes the element for a table. */
export function rendered(text, onTable) {
  return blocks(text.split("\n"), onTable);
}

function blocks(lines, onTable) {
  const made = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at];
    if (!line.trim()) {
      at += 1;
    } else if (isTable(lines, at)) {
      const end = until(lines, at, (each) => !each.trim().startsWith("|"));
      const rows = lines.slice(at, end).map(cells);
      made.push(onTable(rows[0], rows.slice(2)));
      at = end;
    } else if (/^\s*(?:-|\d{1,9}\.)\s/.test(line)) {
      const end = until(lines, at, (each) => !each.trim() || !/^(?:\s*(?:-|\d{1,9}\.)\s|\s{2,}\S)/.test(each));
      made.push(list(lines.slice(at, end), onTable));
      at = end;
    } else if (line.startsWith("> ")) {
      const end = until(lines, at, (each) => !each.startsWith("> "));
      made.push(h("blockquote", {}, lines.slice(at, end).map((each) => h("p", {}, inline(each.slice(2))))));
      at = end;
    } else {
      const end = until(
        lines,
        at + 1,
        (each, index) => !each.trim() || isTable(lines, index) || /^(?:> |- |\d{1,9}\. )/.test(each),
      );
      made.push(h("p", {}, inline(lines.slice(at, end).join(" "))));
      at = end;
    }
  }
  return made;
}

function until(lines, from, ends) {
  let at = from;
  while (at < lines.length && !ends(lines[at], at)) at += 1;
  return Math.max(at, from);
}

function isTable(lines, at) {
  return lines[at].trim().startsWith("|") && /^\s*\|(?:\s*:?-{3,}:?\s*\|)+\s*$/.test(lines[at + 1] ?? "");
}

function list(lines, onTable) {
  const depth = lines[0].match(/^\s*/)[0].length;
  const ordered = /^\s*\d/.test(lines[0]);
  const items = [];
  for (const line of lines) {
    const indent = line.match(/^\s*/)[0].length;
    const start = /^\s*(?:-|\d{1,9}\.)\s+(.*)$/.exec(line);
    if (indent <= depth && start) items.push([start[1]]);
    else items.at(-1)?.push(line.slice(Math.min(indent, depth + 3)));
  }
  const first = ordered ? Number(/^\s*(\d+)/.exec(lines[0])[1]) : 1;
  const made = items.map(([head, ...rest]) => h("li", {}, inline(head), rest.length ? blocks(rest, onTable) : null));
  return h(ordered ? "ol" : "ul", { start: first === 1 ? null : first }, made);
}

function cells(line) {
  const parts = line.trim().replace(/^\|/, "").replace(/\|$/, "").split(/(?<!\\)\|/);
  return parts.map((part) => plain(part.trim()));
}

/** The text of a piece of Markdown, without its marks. */
export function plain(text) {
  return inline(text).map((node) => (typeof node === "string" ? node : node.textContent)).join("");
}

const PIECE = /\\([!-/:-@[-`{-~])|`([^`]*)`|\*\*((?:\\.|[^*\\]|\*(?!\*))+)\*\*|&(lt|gt|amp|quot);/g;
const ENTITIES = { lt: "<", gt: ">", amp: "&", quot: '"' };

function inline(text) {
  const made = [];
  let end = 0;
  for (const found of text.matchAll(PIECE)) {
    if (found.index > end) made.push(text.slice(end, found.index));
    const [whole, escaped, code, strong, entity] = found;
    if (escaped !== undefined) made.push(escaped);
    else if (code !== undefined) made.push(h("code", {}, code));
    else if (strong !== undefined) made.push(h("strong", {}, inline(strong)));
    else made.push(ENTITIES[entity]);
    end = found.index + whole.length;
  }
  if (end < text.length) made.push(text.slice(end));
  return made;
}
