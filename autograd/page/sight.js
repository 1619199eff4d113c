/* Sight: of all shapes those in view, and some around it, are in the document; the others are not, so that a large graph is quick.

   What a shape looks like besides its numbers is kept here too, since it may come into view later: which shapes are "now" in the
   step, which it comes "from", which are "lit", "asked" about by a quiz or "found" by a search.                          */

const inSight = new Set(); // the shapes that are in the document
const looks = { now: new Set(), from: new Set(), lit: new Set(), asked: new Set(), found: new Set() };
let region = null; // what is inSight: [left, top, right, bottom]

// Draw what has come into view, once the view has left the region.
function drawSight() {
  if (isHidden()) return;
  const [width, height] = frame.map((side) => side / view.scale);
  const seen = [view.x, view.y, view.x + width, view.y + height];
  const isInside = region && seen[0] >= region[0] && seen[1] >= region[1] && seen[2] <= region[2] && seen[3] <= region[3];
  if (isInside && region[2] - region[0] < 6 * width) return;
  drawRegion([seen[0] - width / 3, seen[1] - height / 3, seen[2] + width / 3, seen[3] + height / 3]);
}

const drawAll = () => drawRegion([-Infinity, -Infinity, Infinity, Infinity]);

function drawRegion(sides) {
  region = sides;
  const [left, top, right, bottom] = region;
  const isIn = ({ bounds: [x0, y0, x1, y1] }) => x1 >= left && x0 <= right && y1 >= top && y0 <= bottom;
  for (const shape of inSight) if (!isIn(shape) && !shape.group.contains(document.activeElement)) erase(shape);
  for (const shape of plan.everything) if (isIn(shape)) drawShape(shape);
}

function drawShape(shape) {
  if (shape.group) return;
  DRAWN[shape.kind](shape);
  inSight.add(shape);
  refreshShape(shape);
  arrangeShape(shape);
  for (const [name, shapes] of Object.entries(looks)) if (shapes.has(shape)) dress(shape, name, true);
}

function erase(shape) {
  shape.group.remove();
  if (shape.note) shape.note.remove();
  cardOf.delete(shape.group);
  inSight.delete(shape);
  Object.assign(shape, { group: null, note: null, texts: [] });
}

// A new plan: nothing of the old one is inSight.
function eraseAll() {
  for (const shape of inSight) erase(shape);
  for (const shapes of Object.values(looks)) shapes.clear();
  region = null;
}

// Give a look to these shapes, and take it from all others.
function wear(name, shapes) {
  for (const shape of looks[name]) if (shape.group) dress(shape, name, false);
  looks[name] = new Set(shapes.filter(Boolean));
  for (const shape of looks[name]) if (shape.group) dress(shape, name, true);
}

function dress({ group, kind, path }, name, isOn) {
  group.classList.toggle(name, isOn);
  if (name !== "now" || kind !== "arrow") return;
  if (isOn) group.querySelector(".line").after(element(group, "path", { d: path, class: `pulse ${steps[at].kind}` }));
  else group.querySelector(".pulse").remove();
}
