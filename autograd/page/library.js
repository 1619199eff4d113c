/* The library that page, quiz and film share: elements, numbers, colours, and moving through a row of moments. */

const byId = (id) => document.getElementById(id);
const SVG = document.querySelector("svg").namespaceURI; // every page has an icon
const html = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

const soughtAs = (word) => word.normalize("NFKD").toLowerCase(); // no capitals, and indices as ordinary digits: w21 finds w₂₁

const fill = (template, fields) => template.replace(/\{(\w+)\}/g, (_, name) => fields[name]); // a sentence

// Append an element to its parent; inside a drawing it is one of SVG.
function element(parent, tag, attributes = {}, text) {
  const isDrawn = tag === "svg" || parent.namespaceURI === SVG;
  const made = isDrawn ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, x] of Object.entries(attributes)) made.setAttribute(name, x);
  if (text !== undefined) made.textContent = text;
  parent.append(made);
  return made;
}

// Set an attribute, if it is another one than before.
function attribute(target, name, x) {
  if (target.getAttribute(name) !== x) target.setAttribute(name, x);
}

const watchers = []; // functions that are called after a change: of "values", the "step", the "view" or the "panels"

function changed(what, which = null) {
  for (const watch of watchers) watch(what, which);
}

// For readers of screens, who hear it.
function announce(text) {
  byId("spoken").textContent = text;
}

// A number in four significant digits, a whole one up to a million in full; ties go to the even digit. As Python's `short`,
// with the minus sign of books.
const short = (x) => digitsOf(x).replaceAll("-", MINUS);
const MINUS = "−";

function digitsOf(x) {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf";
  if (Math.abs(x) < 1e6 && Number.isInteger(x)) return Object.is(x, -0) ? "-0" : String(x);
  const isTie = /[02468]5e/.test(x.toExponential(4)) && /^-?\d\.\d{4}0*e/.test(x.toExponential(40));
  const [digits, exponent] = (isTie ? x.toExponential(40).replace(/(\.\d{3})\d*/, "$1") : x.toExponential(3)).split("e");
  return exponent >= -4 && exponent < 4 ? String(Number(`${digits}e${exponent}`)) : `${Number(digits)}e${Number(exponent)}`;
}

const tone = (x) => (!Number.isFinite(x) ? "nan" : x > 0 ? "positive" : x < 0 ? "negative" : ""); // the class of its colour
const clamped = (x, low, high) => Math.max(low, Math.min(high, x));

// -------------------------------------------------------------------------------------------------------------- moments

const moments = { last: 0, arrive() {}, pace() {}, label() {}, keys: {}, grow: null }; // see connectMoments
let at = 0; // the moment that is shown
let timer = 0; // 0 while nothing plays
let unprinted = null; // the moment to come back to after printing

/* Connect #play, #scrubber, keys and printing to the moments 0 to `last`.

     arrive()        show the moment `at`           pace(isFirst)   milliseconds until the next while playing
     label(word)     name the button Play or Pause  keys            further keys, with what they do
     print(isPaper)  before printing and after it
     grow()          makes the next moment, once for each picture of the screen while playing; null where all are made    */
function connectMoments(options) {
  Object.assign(moments, options);
  const scrubber = byId("scrubber");
  Object.assign(scrubber, { max: moments.last, value: at });
  scrubber.oninput = () => moveTo(Number(scrubber.value));
  byId("play").onclick = toggle;
  labelPlay();
  document.addEventListener("keydown", onKey);
  const onPrint = (isPaper) => {
    if (isPaper !== (unprinted === null)) return;
    pause();
    if (isPaper) unprinted = at;
    goto(isPaper ? moments.last : unprinted);
    if (!isPaper) unprinted = null;
    moments.print(isPaper);
  };
  matchMedia("print").addEventListener("change", ({ matches }) => onPrint(matches));
  addEventListener("beforeprint", () => onPrint(true));
  addEventListener("afterprint", () => onPrint(false));
}

function goto(k) {
  at = clamped(Math.round(k) || 0, 0, moments.last);
  byId("scrubber").value = at;
  moments.arrive();
}

function moveTo(k) {
  pause();
  goto(k);
}

function play() {
  if (moments.grow) {
    const turn = () => {
      timer = requestAnimationFrame(turn); // none comes while the page is hidden
      moments.grow();
    };
    timer = requestAnimationFrame(turn);
    labelPlay();
    return;
  }
  if (at === moments.last) goto(0);
  const tick = () => {
    if (at + 1 >= moments.last) pause();
    else timer = setTimeout(tick, moments.pace(false));
    goto(at + 1);
  };
  timer = setTimeout(tick, moments.pace(true));
  labelPlay();
}

function pause() {
  (moments.grow ? cancelAnimationFrame : clearTimeout)(timer);
  timer = 0;
  labelPlay();
}

const toggle = () => (timer ? pause() : play());

// The signs of the two, drawn: a font may have none, or a picture in colour.
const SIGNS = { Play: "M4 2.5v11l9-5.5z", Pause: "M3.5 2.5h3v11h-3zM9.5 2.5h3v11h-3z" };

function labelPlay() {
  const word = timer ? "Pause" : "Play";
  byId("play").title = `${word} (Space)`;
  attribute(byId("play"), "aria-label", word);
  moments.label(word);
}

function onKey(event) {
  if (event.key === "Escape") return moments.keys.Escape();
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const isOnScrubber = event.target === byId("scrubber");
  if (event.target.matches("input:not([type=range]), select")) return; // where one types
  const step = { ArrowLeft: -1, ArrowRight: 1, Home: -moments.last, End: moments.last }[event.key];
  const leap = { PageDown: -1, PageUp: 1 }[event.key] * Math.max(5, Math.round(moments.last / 10));
  if (isOnScrubber && leap) moveTo(at + leap);
  else if (event.target.matches("input") && /^(Arrow|Home|End|Page)/.test(event.key)) return; // a slider's own keys
  else if (step) moveTo(at + step);
  else if (event.key === " " && !/^(BUTTON|SUMMARY)$/.test(event.target.tagName)) toggle();
  else if (moments.keys[event.key]) moments.keys[event.key]();
  else return;
  event.preventDefault();
}
