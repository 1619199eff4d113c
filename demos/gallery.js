"use strict";

// What is wider than its place can be scrolled with the arrow keys; the Tab key stops at nothing else.
const wide = [...document.querySelectorAll("[role=group]")];
function reach() {
  for (const part of wide) {
    if (part.scrollWidth > part.clientWidth && !part.querySelector("a")) part.tabIndex = 0;
    else part.removeAttribute("tabindex");
  }
}
addEventListener("resize", reach);
addEventListener("toggle", reach, true);
document.fonts.ready.then(reach);
reach();

// The arrow keys lead to the next lesson and the previous one, where nothing else answers them.
addEventListener("keydown", (event) => {
  const relation = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
  const isTaken = event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented;
  if (!relation || isTaken || event.target.closest("[tabindex], input, textarea, select, iframe, :popover-open")) return;
  const link = document.querySelector(`a[rel=${relation}]`);
  if (link) location.href = link.href;
});

// A page to play with takes the place of its picture; a click with a key pressed opens it alone, as any link.
for (const link of document.querySelectorAll("figure .play")) {
  const figure = link.closest("figure");
  const picture = figure.querySelector(".scroll");
  link.setAttribute("role", "button");
  link.setAttribute("aria-expanded", "false");
  const toggle = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const frame = figure.querySelector("iframe");
    const isOpen = Boolean(frame);
    if (frame) frame.remove();
    else {
      const page = document.createElement("iframe");
      page.src = link.href;
      page.title = link.dataset.title;
      picture.after(page);
    }
    picture.hidden = !isOpen;
    link.setAttribute("aria-expanded", String(!isOpen));
    link.textContent = isOpen ? "Play it" : "Picture";
  };
  link.addEventListener("click", toggle);
  link.addEventListener("keydown", (event) => event.key === " " && toggle(event));
}

// Whoever wants the results alone hides the programs, on all pages.
const hide = document.querySelector(".hide");
const stored = (value) => {
  try {
    if (value !== undefined) localStorage.setItem("autograd-results-alone", value);
    return localStorage.getItem("autograd-results-alone");
  } catch {
    return null; // a page without a store forgets it
  }
};
function bare(isBare) {
  document.body.classList.toggle("bare", isBare);
  hide.setAttribute("aria-pressed", String(isBare));
  reach();
}
if (hide) {
  hide.hidden = false;
  hide.addEventListener("click", () => {
    const isBare = !document.body.classList.contains("bare");
    bare(isBare);
    stored(String(isBare));
  });
  if (stored() === "true") bare(true);
}

const current = document.querySelector("#contents [aria-current]");
if (current) current.scrollIntoView({ block: "nearest" });
