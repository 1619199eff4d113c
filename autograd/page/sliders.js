/* The sliders: one for each leaf, with its number and its gradient. */

const FEW = 12; // leaves that need no search
const RESTING = Object.entries(DATA.missing).map(([op, why]) => `The sliders rest: a page cannot compute ${op} (${why}).`).join(" ");
const rows = new Map(); // leaf -> {row, range, box, reach}

function makeSliders() {
  const byName = (a, b) => a.localeCompare(b, "en", { numeric: true }); // w2 comes before w10
  const leaves = nodes.filter((node) => node.isLeaf).sort((a, b) => byName(a.name, b.name));
  const isLong = leaves.length > FEW;
  document.querySelector("main").classList.toggle("many", isLong);
  byId("search").hidden = byId("leaves").hidden = !isLong;
  byId("leaves").onclick = () => ((areLeavesChosen = true), toggleLeaves());
  byId("search").oninput = find;
  byId("reset").onclick = () => window.autograd.reset();
  const parts = new Map();
  for (const leaf of leaves) {
    const family = familyOf(leaf);
    parts.set(family, [...(parts.get(family) || []), leaf]);
  }
  const families = [...parts.keys()].sort(byName);
  for (const family of families) {
    const holder = families.length > 1 ? grouped(family, parts.get(family).length, !isLong) : byId("sliders");
    for (const leaf of parts.get(family)) holder.append(makeSlider(leaf, family));
  }
  remark();
}

const pathOf = (leaf) => leaf.path ?? leaf.name;
const familyOf = (leaf) => pathOf(leaf).replace(/\.?[^.]*$/, "");

function grouped(family, count, isOpen) {
  const group = element(byId("sliders"), "details");
  group.open = isOpen || !family; // the inputs always
  const box = boxes.find(({ name }) => name === family);
  element(group, "summary", { title: family }, `${box?.title ?? (family || "inputs and others")} (${count})`);
  return group;
}

function makeSlider(leaf, family) {
  const row = document.createElement("div");
  row.className = "slider";
  row.innerHTML = `<label></label><input type="range" step="any"><input type="text" inputmode="decimal" class="number"><output aria-live="off"></output>`;
  const [label, range, box, grad] = row.children;
  label.title = pathOf(leaf);
  label.textContent = leaf.name;
  range.id = label.htmlFor = `slider${leaf.index}`;
  range.setAttribute("aria-label", leaf.name);
  box.setAttribute("aria-label", `${leaf.name}, as a number`);
  range.disabled = box.disabled = Boolean(RESTING);
  range.oninput = () => give(leaf, rounded(range.value, rows.get(leaf).reach));
  range.ondblclick = () => give(leaf, leaf.recorded);
  box.onchange = () => typed(leaf);
  keepUp(grad, "number", () => cell("grad", leaf), "grad ");
  rows.set(leaf, { row, range, box, reach: 0 });
  moveSlider(leaf);
  return row;
}

// A slider reaches twice its first number on both sides of 0; a number typed beyond widens it.
function moveSlider(leaf) {
  const slider = rows.get(leaf);
  if (!(Math.abs(leaf.data) <= slider.reach) && Number.isFinite(leaf.data)) {
    slider.reach = Math.min(Number((2 * Math.max(1, Math.abs(leaf.data))).toPrecision(2)), Number.MAX_VALUE / 2);
    Object.assign(slider.range, { min: -slider.reach, max: slider.reach });
  }
  slider.range.value = leaf.data;
  slider.box.value = Number.isFinite(leaf.data) ? String(Number(leaf.data.toPrecision(6))).replace("e+", "e") : digitsOf(leaf.data);
  slider.box.title = leaf.data;
  slider.box.removeAttribute("aria-invalid");
  byId("reset").disabled = nodes.every((node) => !node.isLeaf || Object.is(node.data, node.recorded));
}

// Two hundred places on each side of 0.
function rounded(x, reach) {
  const grain = reach / 200;
  return Number((Math.round(x / grain) * grain).toPrecision(12));
}

function give(leaf, x) {
  window.autograd.set(leaf.index, x);
  const refused = nodes.find((node) => node.message);
  const answer = `${root.name} = ${short(root.data ?? NaN)}, ∂${root.name}/∂${leaf.name} = ${short(leaf.grad ?? 0)}`;
  announce(refused ? refusal(refused) : answer);
}

function typed(leaf) {
  const { box } = rows.get(leaf);
  const text = box.value.trim().replace(",", ".").replace("−", "-");
  const x = text in WORDS ? WORDS[text] : Number(text || NaN);
  if (Number.isNaN(x) && text !== "nan") box.setAttribute("aria-invalid", "true");
  else give(leaf, x);
}

let areLeavesChosen = false; // whether the reader has shown or hidden the leaves

// Show or hide the leaves; where there are many, they are beside the picture.
function toggleLeaves(isShown = byId("leaves").getAttribute("aria-expanded") === "false") {
  byId("leaves").setAttribute("aria-expanded", isShown);
  document.querySelector("main").classList.toggle("folded", !isShown && !byId("leaves").hidden);
}

// Show and mark the slider of a leaf; return it.
function bringUp(leaf) {
  areLeavesChosen = true;
  toggleLeaves(true);
  const { row, range } = rows.get(leaf);
  for (let holder = row.parentElement; holder; holder = holder.parentElement) if (holder.tagName === "DETAILS") holder.open = true;
  const list = byId("sliders");
  if (list.scrollHeight > list.clientHeight) list.scrollTop += row.getBoundingClientRect().top - list.getBoundingClientRect().top;
  for (const other of rows.values()) other.row.classList.toggle("chosen", other.row === row);
  return range;
}

function find(event) {
  const wanted = soughtAs(event.target.value.trim());
  for (const [leaf, { row }] of rows) row.hidden = !soughtAs(`${leaf.name} ${pathOf(leaf)}`).includes(wanted);
  for (const group of byId("sliders").querySelectorAll("details")) {
    group.hidden = !group.querySelector(".slider:not([hidden])");
    if (wanted) group.open = true;
  }
}

// Write what the sliders cannot do.
function remark() {
  const kept = new Set(nodes.filter((node) => Object.keys(node.parameters).length).map((node) => DATA.nodes[node.index].op));
  const parameters = `What ${[...kept].join(", ")} was given besides operands when the graph was recorded (a condition, a number) stays the same.`;
  byId("remark").textContent = RESTING || (kept.size ? parameters : "");
}
