// Elements by hand. Text goes in as text nodes and attributes as attributes; nothing here ever parses markup.

const SVG = "http://www.w3.org/2000/svg";

/** An element. `props`: `on` holds listeners, the rest are attributes; false, null and undefined are left out. */
export function h(tag, props = {}, ...children) {
  return dress(document.createElement(tag), props, children);
}

/** An element of SVG. */
export function s(tag, props = {}, ...children) {
  return dress(document.createElementNS(SVG, tag), props, children);
}

function dress(element, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === false || value === null || value === undefined) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  element.append(
    ...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false),
  );
  return element;
}

/** Replace everything inside an element. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter(Boolean));
  return element;
}

const announcements = [];

/** Tell people who listen instead of looking, once, politely. */
export function announce(text) {
  const place = document.getElementById("announcer");
  announcements.push(text);
  if (announcements.length > 1) return;
  const next = () => {
    place.textContent = announcements[0];
    setTimeout(() => {
      announcements.shift();
      if (announcements.length) next();
    }, 900);
  };
  place.textContent = "";
  setTimeout(next, 50);
}

const ticking = new Set();
let clock = 0;

/** Call `update` now and every second, for as long as it returns true. */
export function everySecond(update) {
  if (!update()) return;
  ticking.add(update);
  clock ||= setInterval(() => {
    for (const each of ticking) if (!each()) ticking.delete(each);
    if (!ticking.size) {
      clearInterval(clock);
      clock = 0;
    }
  }, 1000);
}
