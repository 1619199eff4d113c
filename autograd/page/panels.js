/* The tools beside the picture: panels, each shown and hidden by its button. */

const panels = new Map(); // name -> { section, button, update }
const HIDING = ["predict", "exercise"]; // those that hide numbers, and so are open without the others that show them
const NEUTRAL = ["share"];
const FIRST = ["learn", "curve"]; // those that open when the tools are first asked for

// Make a panel and return the element for its contents; `update()` is called when it opens and, at most once a frame, after changes.
function makePanel(name, title, update) {
  if (!byId("chooser")) element(byId("panels"), "nav", { id: "chooser", "aria-label": "Choose the tools" });
  const section = element(byId("panels"), "section", { id: `panel-${name}`, class: "panel", "aria-label": title });
  section.hidden = true;
  element(section, "h2", {}, title);
  const button = element(byId("chooser"), "button", { type: "button", "aria-expanded": false, "aria-controls": section.id }, title);
  button.onclick = () => openPanel(name, section.hidden);
  panels.set(name, { section, button, update });
  byId("tools").hidden = false;
  return element(section, "div", { class: "inside" });
}

const isOpen = (name) => !byId("panels").hidden && !panels.get(name).section.hidden;
const openPanels = () => [...panels.keys()].filter(isOpen);

function openPanel(name, isShown = true) {
  const { section, button } = panels.get(name);
  const isRival = (other) => other !== name && !NEUTRAL.includes(other) && (HIDING.includes(name) || HIDING.includes(other));
  if (isShown && !NEUTRAL.includes(name)) for (const other of openPanels().filter(isRival)) openPanel(other, false);
  section.hidden = !isShown;
  attribute(button, "aria-expanded", String(isShown));
  if (isShown) showPanels(true);
  refresh();
  changed("panels", name);
}

function showPanels(isShown) {
  byId("panels").hidden = !isShown;
  attribute(byId("tools"), "aria-expanded", String(isShown));
  document.querySelector(".first").classList.toggle("beside", isShown);
}

let refreshing = 0;

function refresh() {
  refreshing ||= requestAnimationFrame(() => {
    refreshing = 0;
    for (const name of openPanels()) panels.get(name).update();
  });
}

watchers.push((what) => what !== "view" && refresh());
byId("tools").onclick = () => {
  showPanels(byId("panels").hidden);
  if (![...panels.values()].some(({ section }) => !section.hidden)) for (const name of FIRST) openPanel(name);
  refresh();
  changed("panels");
};
