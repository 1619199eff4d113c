/* The minimap: the whole picture, small, and what of it is in view. It is there while not all is in view; a press or a drag on
   it moves the view. */

const MAP = [150, 96]; // its largest size
const minimap = element(picture.parentElement, "svg", { id: "minimap", "aria-hidden": true });
const [islands, seen] = [element(minimap, "path", { class: "islands" }), element(minimap, "rect", { class: "seen" })];
let mapped = null; // the plan that it has

function drawMinimap() {
  const [width, height] = plan.size;
  const [right, bottom] = [view.x + frame[0] / view.scale, view.y + frame[1] / view.scale];
  const isAll = view.x <= MARGIN && view.y <= MARGIN && right >= width - MARGIN && bottom >= height - MARGIN;
  minimap.toggleAttribute("hidden", isAll || isHidden());
  if (isAll || isHidden()) return;
  const scale = Math.min(Math.min(MAP[0], frame[0] / 3) / width, MAP[1] / height);
  if (mapped !== plan) drawIslands();
  const [w, h] = [Math.max(width * scale, 12), Math.max(height * scale, 12)];
  for (const [name, x] of Object.entries({ width: w, height: h, viewBox: `${(width - w / scale) / 2} ${(height - h / scale) / 2} ${w / scale} ${h / scale}` })) attribute(minimap, name, String(x));
  const sides = { x: view.x, y: view.y, width: right - view.x, height: bottom - view.y };
  for (const [name, x] of Object.entries(sides)) seen.setAttribute(name, x);
  seen.setAttribute("stroke-width", 1.5 / scale);
}

function drawIslands() {
  mapped = plan;
  islands.setAttribute("d", plan.cards.map(({ at: [x, y, w, h] }) => `M${x - w / 2},${y - h / 2}h${w}v${h}h${-w}z`).join(""));
}

function travel(event) {
  if (event.type === "pointermove" && !event.buttons) return;
  event.preventDefault();
  const place = new DOMPoint(event.clientX, event.clientY).matrixTransform(minimap.getScreenCTM().inverse());
  choice = "own";
  setView(place.x - frame[0] / view.scale / 2, place.y - frame[1] / view.scale / 2, view.scale);
  changed("view");
}

minimap.addEventListener("pointerdown", (event) => (minimap.setPointerCapture(event.pointerId), travel(event)));
minimap.addEventListener("pointermove", travel);
