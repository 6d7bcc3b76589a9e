// What is looked at on a page: names, ids, landmarks, headings, sizes, contrast. Gives a list of what is wrong.
() => {
  const wrong = [];
  const told = (element) => `<${element.tagName.toLowerCase()} ${element.className?.baseVal ?? element.className}>`;
  const seen = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true })
    && element.getClientRects().length > 0;
  const named = (element) => {
    const by = element.getAttribute("aria-labelledby");
    const label = element.labels?.[0]?.textContent;
    return (element.getAttribute("aria-label") || (by && document.getElementById(by)?.textContent) || label
      || element.textContent || element.getAttribute("title") || "").trim();
  };

  if (!document.documentElement.lang) wrong.push("no language");
  if (!document.title) wrong.push("no title");
  if (document.querySelectorAll("main").length !== 1) wrong.push("not one main");
  const first = [...document.querySelectorAll("h1")].filter(seen);
  if (first.length !== 1) wrong.push(`${first.length} first headings`);
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  for (const id of new Set(ids)) if (ids.filter((each) => each === id).length > 1) wrong.push(`id ${id} twice`);

  for (const element of document.querySelectorAll("a, button, input, select, textarea, summary, [role=region], [role=img], [role=group], table, nav, aside, section")) {
    if (seen(element) && element.tagName !== "TABLE" && !named(element)) wrong.push(`no name: ${told(element)}`);
  }
  for (const element of document.querySelectorAll("svg")) {
    if (element.getAttribute("aria-hidden") !== "true" && element.getAttribute("role") !== "img") wrong.push(`bare ${told(element)}`);
  }
  for (const element of document.querySelectorAll("th")) if (!element.scope) wrong.push("a heading cell without a scope");
  for (const element of document.querySelectorAll("[tabindex]")) if (element.tabIndex > 0) wrong.push(`order: ${told(element)}`);
  for (const element of document.querySelectorAll("[style]")) {
    if (element.getAttribute("style").replace(/height: [^;]+;?/, "").trim()) wrong.push(`style: ${told(element)}`);
  }
  for (const element of document.querySelectorAll("button, summary, select, input, textarea")) {
    const box = element.getBoundingClientRect();
    if (seen(element) && (box.width < 24 || box.height < 24)) wrong.push(`too small: ${told(element)} ${Math.round(box.height)}`);
  }

  // Contrast. Source: WCAG 2.2, 1.4.3 and the definition of relative luminance.
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const ground = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      layers.push(colour);
      if (colour[3] === 1) break;
    }
    return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255, 1]);
  };
  const light = (colour) => colour.slice(0, 3)
    .map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4))
    .reduce((sum, value, i) => sum + value * [0.2126, 0.7152, 0.0722][i], 0);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.nodeValue.trim() || !seen(element) || element.closest(":disabled, .unseen, script, option")) continue;
    const style = getComputedStyle(element);
    const svg = element.namespaceURI.endsWith("svg");
    const below = ground(svg ? element.closest("svg").parentElement : element);
    const ink = over(rgba(svg ? style.fill : style.color), below);
    const [high, low] = [light(ink), light(below)].sort((a, b) => b - a);
    const size = parseFloat(style.fontSize);
    const needed = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
    const found = (high + 0.05) / (low + 0.05);
    if (found < needed) wrong.push(`contrast ${found.toFixed(2)}: ${told(element)} ${walker.currentNode.nodeValue.trim().slice(0, 30)}`);
  }
  return [...new Set(wrong)];
}
