/* The search for a node or a box, by its name, its path or its operation. Enter goes to the next hit and Shift+Enter to the one
   before; the boxes that it is in open, and it is in the middle of the picture, marked. */

const MANY = 20; // nodes; a smaller graph has the field only when it is asked for
const finder = byId("finder");
let [hits, hitAt] = [[], -1];

// What can be found: the words by which it is, and the node or the box.
function findable() {
  const ofNode = (node) => [[node.name, node.path, DATA.nodes[node.index].op].filter(Boolean), node];
  return [...boxes.map((box) => [[box.title, box.name], box]), ...nodes.map(ofNode)];
}

// First those of exactly this name, then those whose words begin with it, then those that have it somewhere.
function search() {
  const wanted = soughtAs(finder.value.trim());
  const rank = (words) => Math.min(...words.map((word) => [word === wanted, word.startsWith(wanted), word.includes(wanted), true].indexOf(true)));
  const ranked = findable().map(([words, what]) => [rank(words.map(soughtAs)), what]);
  hits = wanted ? ranked.filter(([order]) => order < 3).sort((a, b) => a[0] - b[0]).map(([, what]) => what) : [];
  hitAt = -1;
  count();
}

function count() {
  const text = hits.length ? (hitAt < 0 ? `${hits.length}` : `${hitAt + 1}/${hits.length}`) : finder.value.trim() ? "none" : "";
  byId("hits").textContent = text;
}

function goToHit(step) {
  if (!hits.length) return announce("Nothing is found.");
  hitAt = hitAt < 0 && step < 0 ? hits.length - 1 : (hitAt + step + hits.length) % hits.length;
  const hit = hits[hitAt];
  const closed = boxesAround(hit.members ? hit.around : hit.box).filter(({ isOpen }) => !isOpen);
  for (const box of closed) box.isOpen = true;
  if (closed.length) replan();
  const shape = plan.shapes.get(hit);
  if (shape.kind === "frame" || view.scale < LEAST) lookAtShape(shape);
  choice = "own";
  centre(shape);
  wear("found", [shape]);
  pinned = hit.members ? null : hit;
  light();
  say();
  count();
  announce(`${hit.members ? hit.title : shape.group.getAttribute("aria-label")}, ${hitAt + 1} of ${hits.length}`);
  changed(closed.length ? "boxes" : "view");
}

function onFinderKey(event) {
  if (event.key === "Enter") goToHit(event.shiftKey ? -1 : 1);
  else if (event.key === "Escape") leaveFinder();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function enterFinder() {
  byId("finding").hidden = false;
  finder.focus();
  finder.select();
}

function leaveFinder() {
  wear("found", []);
  release();
  say();
  byId("finding").hidden = nodes.length < MANY;
  finder.blur();
}

finder.oninput = search;
finder.onkeydown = onFinderKey;
