// Runs in the page: says what is there and what is wrong with it. See look.py.
const faults = [];
const seen = (element) => {
  const box = element.getBoundingClientRect();
  const style = getComputedStyle(element);
  return box.width > 0 && box.height > 0 && style.visibility !== "hidden";
};
const words = (element) => element.textContent.replace(/\s+/g, " ").trim();
const named = (element) => `<${element.tagName.toLowerCase()}> "${words(element).slice(0, 60)}"`;

// The page fits the window; what is wider scrolls in a box of its own.
const root = document.documentElement;
if (root.scrollWidth > root.clientWidth) {
  const wide = [...document.querySelectorAll("body *")].filter((one) => {
    const box = one.getBoundingClientRect();
    return box.right > root.clientWidth + 1 && !one.closest(".wide, pre, details:not([open])");
  });
  faults.push(`wider than the window: ${wide.slice(0, 3).map(named).join("; ")}`);
}

// Every id is one element's, every link within the page leads to one.
const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
ids.filter((id, at) => ids.indexOf(id) !== at).forEach((id) => faults.push(`two elements have the id ${id}`));
for (const link of document.querySelectorAll("a[href^='#']")) {
  const id = decodeURIComponent(link.getAttribute("href").slice(1));
  if (!document.getElementById(id)) faults.push(`the link ${named(link)} leads nowhere`);
}

// Colours as numbers, whatever notation the browser computes.
const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const colour = (text) => {
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = text;
  canvas.fillRect(0, 0, 1, 1);
  return [...canvas.getImageData(0, 0, 1, 1).data];
};
const luminance = ([r, g, b]) => {
  const [x, y, z] = [r, g, b].map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * x + 0.7152 * y + 0.0722 * z;
};
const behind = (element) => {
  for (let one = element; one; one = one.parentElement) {
    const paint = colour(getComputedStyle(one).backgroundColor);
    if (paint[3] === 255) return paint;
  }
  return [255, 255, 255, 255];
};
const texts = [...document.querySelectorAll("body *")].filter(
  (one) => seen(one) && [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()),
);
for (const one of texts) {
  const style = getComputedStyle(one);
  const ink = colour(one.closest("svg") ? style.fill : style.color);
  const [light, dark] = [luminance(ink), luminance(behind(one))].sort((a, b) => b - a);
  const size = parseFloat(style.fontSize);
  const large = size >= 24 || (size >= 18.66 && parseInt(style.fontWeight, 10) >= 700);
  const ratio = (light + 0.05) / (dark + 0.05);
  if (ratio < (large ? 3 : 4.5)) faults.push(`too faint, ${ratio.toFixed(2)} to 1: ${named(one)}`);
}

// A drawing has a name, holds all of itself, and no word lies over another.
const drawings = [...document.querySelectorAll("svg")].filter(seen);
for (const drawing of drawings) {
  const label = drawing.getAttribute("aria-labelledby") ?? "";
  const name = label.split(" ").map((id) => document.getElementById(id)).filter(Boolean).map(words).join(" ");
  const title = name || drawing.getAttribute("aria-label") || "";
  if (!title && drawing.getAttribute("aria-hidden") !== "true") faults.push("a drawing has no name");
  const frame = drawing.getBoundingClientRect();
  const placed = [...drawing.querySelectorAll("text")].filter(seen).map((one) => ({ one, box: one.getBoundingClientRect() }));
  for (const { one, box } of placed) {
    const out = box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1;
    if (out) faults.push(`cut off in "${title}": ${named(one)}`);
  }
  placed.forEach(({ one, box }, at) => {
    for (const other of placed.slice(at + 1)) {
      const across = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left);
      const down = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top);
      if (across > 1 && down > 2) faults.push(`words over each other in "${title}": ${named(one)} and ${named(other.one)}`);
    }
  });
}

if (!document.title) faults.push("the page has no title");
if (!root.lang) faults.push("the page names no language");
if (document.querySelectorAll("h1").length !== 1) faults.push("the page has not one first heading");
for (const table of document.querySelectorAll("table")) {
  if (!table.querySelector("th")) faults.push(`a table has no headings: ${named(table)}`);
}

return {
  title: document.title,
  headings: [...document.querySelectorAll("h1, h2")].map(words),
  drawings: drawings.map((one) => ({
    name: words(one.querySelector("title") ?? one),
    texts: one.querySelectorAll("text").length,
    shapes: one.querySelectorAll("line, path, circle, rect").length,
  })),
  tables: document.querySelectorAll("table").length,
  text: document.body.innerText,
  faults,
};
