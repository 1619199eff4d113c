/* The address: the fragment after # has the whole state of the page, as #step=5&leaf.a=2.5&view=120,80,1.5&open=learn&hide=tape.

     step      the number of the step; the last, or the first of a prediction  leaf.NAME   the number of a leaf; as recorded if absent
     view      what is in the middle of the picture, and how large       open        the tools that are open
     direction TB, if the picture runs from top to bottom, as its stage is, in a view of the reader's
     hide      the parts of the page that are hidden                       boxes       the boxes that are open, by their ids

   A tool keeps what it likes with `keep`. What cannot be read is ignored, and a note says so.                        */

const kept = new Map(); // name in the address -> { read() => text or null, write(text or null) => a complaint or nothing }
const keep = (name, read, write) => kept.set(name, { read, write });

const PARTS = { heading: "header", words: ".saying", controls: ".transport", leaves: ".leaves", tape: "#tape" };
const LEAF = "leaf."; // before the name of a leaf
const isFramed = location.protocol === "about:"; // inside a notebook, where a page has no address

const UNKNOWN_KEY = "{key} is no part of the state of this page";
const NO_LEAF = "there is no leaf {name}";
const NO_NUMBER = "{key}={text} is no number";
const NO_STEP = "step={text} is no step; they are counted from 0 to {last}";
const NO_VIEW = "view={text} is no place: give x,y,scale";
const NO_SUCH = "{key}={text}: there is no {name}; there are {all}";
const IGNORED = "Part of the address is ignored: {complaints}.";

const asNumber = (text) => (text in WORDS ? WORDS[text] : /^[-+.\d]/.test(text) ? Number(text) : NaN);
const isNumber = (text) => text === "nan" || !Number.isNaN(asNumber(text));
const inFull = (x) => (Number.isFinite(x) ? (Object.is(x, -0) ? "-0" : String(x)) : digitsOf(x));

// A list of names, each of which must be known: the write function of a part that is one.
function listed(key, known, use) {
  return (text) => {
    const names = text ? text.split(",") : [];
    use(names.filter((name) => known().includes(name)));
    const strange = names.find((name) => !known().includes(name));
    return strange === undefined ? "" : fill(NO_SUCH, { key, text, name: strange, all: known().join(", ") });
  };
}

const idsOf = (isWanted) => boxes.filter(isWanted).map(({ id }) => id);
const boxesNow = () => (boxes.every(({ isOpen, open }) => isOpen === open) ? null : idsOf(({ isOpen }) => isOpen).join(",")); // as at first: null
keep("boxes", boxesNow, (text) => {
  const ids = text ?? idsOf(({ open }) => open).join(",");
  return listed("boxes", () => idsOf(() => true), openBoxes)(ids);
});
keep("open", () => openPanels().join(",") || null, listed("open", () => [...panels.keys()], openOnly));
keep("hide", () => hiddenParts().join(",") || null, listed("hide", () => Object.keys(PARTS), hide));
let usualStep = () => moments.last; // where the page is if its address has no step
keep("step", () => (at === usualStep() ? null : String(at)), (text) => {
  const isStep = text === null || (/^\d+$/.test(text) && Number(text) <= moments.last);
  if (isStep) moveTo(text === null ? usualStep() : Number(text));
  return isStep ? "" : fill(NO_STEP, { text, last: moments.last });
});
const directionNow = () => (choice !== "own" || direction === usualDirection ? null : direction);
keep("direction", directionNow, (text) => {
  const isOne = text === null || text === "LR" || text === "TB";
  if (isOne && !DATA.picture.rankdir) runAlong(text ?? usualDirection); // without a view it is chosen again
  return isOne ? "" : fill(NO_SUCH, { key: "direction", text, name: text, all: "LR, TB" });
});
keep("view", viewNow, (text) => {
  const numbers = text === null ? [] : text.split(",").map(Number);
  if (text !== null && !(numbers.length === 3 && numbers.every(Number.isFinite) && numbers[2] > 0)) return fill(NO_VIEW, { text });
  lookAt(numbers);
  return "";
});

function openBoxes(ids) {
  const isMoved = boxes.some((box) => ids.includes(box.id) !== box.isOpen);
  for (const box of boxes) box.isOpen = ids.includes(box.id);
  if (isMoved) replan();
}

function openOnly(names) {
  for (const name of panels.keys()) if (names.includes(name) !== isOpen(name)) openPanel(name, names.includes(name));
  showPanels(names.length > 0);
}

const hiddenParts = () => Object.keys(PARTS).filter((name) => document.querySelector(PARTS[name]).hidden);

function hide(names) {
  for (const [name, selector] of Object.entries(PARTS)) document.querySelector(selector).hidden = names.includes(name);
}

function viewNow() {
  if (choice !== "own" || isHidden()) return null;
  const middle = [view.x + frame[0] / view.scale / 2, view.y + frame[1] / view.scale / 2, view.scale];
  return middle.map((x) => Number(x.toPrecision(5))).join(",");
}

// Look at a place, at once or as soon as the page has a size; without one, as at first.
function lookAt([x, y, scale]) {
  if (scale === undefined) {
    if (choice === "own") choice = "first";
    return onResize();
  }
  const look = () => {
    measure();
    if (isHidden()) return false;
    setView(x - frame[0] / scale / 2, y - frame[1] / scale / 2, scale);
    choice = "own";
    return true;
  };
  const watcher = new ResizeObserver(() => look() && watcher.disconnect()); // what else the address opens changes the size
  watcher.observe(picture);
  return look();
}

// ------------------------------------------------------------------------------------------------------- writing and reading

function fragment() {
  const moved = nodes.filter((node) => node.isLeaf && !Object.is(node.data, node.recorded));
  const leaves = moved.map((leaf) => [LEAF + leaf.name, inFull(leaf.data)]);
  const rest = [...kept].map(([name, { read }]) => [name, read()]).filter(([, text]) => text !== null);
  const code = (text) => encodeURIComponent(text).replaceAll("%2C", ",");
  const parts = [...leaves, ...rest].map(([key, text]) => `${code(key)}=${code(text)}`);
  return `#${parts.join("&")}`;
}

// The pairs of a fragment; what is no text in the code of addresses has null.
function pairsOf(text) {
  const parts = text.replace(/^#/, "").split("&").filter(Boolean);
  return parts.map((part) => {
    try {
      const [, key, value] = /^([^=]*)=?(.*)$/s.exec(part);
      return [decodeURIComponent(key), decodeURIComponent(value)];
    } catch {
      return [part, null]; // half of a code such as %2
    }
  });
}

// Give the page the state of a fragment: what it leaves out is as it was when the page was made. Return what cannot be used.
function restore(text) {
  const pairs = new Map(pairsOf(text));
  const isPart = (key, value) => value !== null && (key.startsWith(LEAF) || kept.has(key));
  const complaints = [...pairs].filter(([key, value]) => !isPart(key, value)).map(([key]) => fill(UNKNOWN_KEY, { key }));
  const leaves = nodes.filter((node) => node.isLeaf);
  for (const [key, value] of pairs) {
    const name = key.slice(LEAF.length);
    if (!isPart(key, value) || !key.startsWith(LEAF)) continue;
    if (!leaves.some((leaf) => leaf.name === name)) complaints.push(fill(NO_LEAF, { name }));
    else if (!isNumber(value)) complaints.push(fill(NO_NUMBER, { key, text: value }));
    else if (RESTING) complaints.push(RESTING);
  }
  const numberFor = (leaf) => {
    const value = pairs.get(LEAF + leaf.name);
    return typeof value === "string" && isNumber(value) && !RESTING ? asNumber(value) : leaf.recorded;
  };
  const moves = leaves.map((leaf) => [leaf, numberFor(leaf)]).filter(([leaf, x]) => !Object.is(leaf.data, x));
  if (moves.length) setLeaves(moves);
  const isLate = ([name]) => name === "step" || name === "view"; // they depend on what is open
  const inOrder = [...[...kept].filter((each) => !isLate(each)), ...[...kept].filter(isLate)];
  for (const [name, { write }] of inOrder) complaints.push(write(pairs.get(name) ?? null) || "");
  return complaints.filter(Boolean);
}

function fromHash() {
  const complaints = restore(location.hash);
  const words = complaints.length ? fill(IGNORED, { complaints: complaints.join("; ") }) : "";
  byId("note").hidden = !words;
  byId("note").textContent = words;
}

let writing = 0; // the timer of the address bar, which browsers do not let change often

function writeAddress() {
  history.replaceState(null, "", fragment());
}

function connectAddress() {
  addEventListener("hashchange", fromHash);
  if (location.hash.length > 1) fromHash();
  watchers.push(() => {
    clearTimeout(writing);
    writing = setTimeout(writeAddress, 300);
  });
}

if (!isFramed) queueMicrotask(connectAddress); // when every tool has said what it keeps
