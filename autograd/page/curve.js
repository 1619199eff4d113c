/* The curve of the result against a leaf, with its tangent: the slope is the leaf's gradient. Of two leaves, the contour lines, and
   the gradient as an arrow across them.

   It is computed with the operations of the page, from the nodes that depend on the leaf alone: the graph itself keeps its numbers.
   Where an operation refuses, the curve has a gap; so it has where the result jumps, which is found by halving.                */

const COARSE = 8; // milliseconds for a curve while the leaves move
const FINE = 60; // and once they rest
const REST = 160; // milliseconds without a change, after which they do
const [FEWEST, MOST] = [24, 300]; // points of a curve
const LEVELS = 9; // contour lines

const TANGENT = "At {leaf} = {x}, {root} = {y}; its tangent has the slope ∂{root}/∂{leaf} = {slope}.";
const FLAT = "At {leaf} = {x}, {root} = {y}; nothing flows back to {leaf}, and its gradient is 0.";
const VERTICAL = "At {leaf} = {x}, {root} = {y}; ∂{root}/∂{leaf} is {slope}: the tangent is vertical.";
const NO_TANGENT = "At {leaf} = {x}, {root} = {y}; ∂{root}/∂{leaf} is nan: there is no tangent.";
const NO_POINT = "At {leaf} = {x}, {root} has no value.";
const AT_KINK = "{node} is at a kink of {op}, {where}: the slope there is a convention, {convention}.";
const AT_JUMP = "{node} is where {op} jumps, {where}: the slope there is a convention, {convention}.";
const TWO = "At {leaf} = {x}, {other} = {z}, {root} = {y}; the arrow is the gradient ({slope}, {rise}), and {root} grows fastest along it.";
const LEVEL = "At {leaf} = {x}, {other} = {z}, {root} = {y}; the gradient is ({slope}, {rise}), and has no direction.";

const curving = makePanel("curve", "Curve", updateCurve);
curving.innerHTML = `<div class="field"><label for="along">of</label><select id="along"></select><label for="across">and</label><select id="across"></select></div>
<svg class="plot" viewBox="0 0 340 210" role="img"></svg><p id="slope"></p>`;
const chart = curving.querySelector("svg");
const { width: WIDE, height: HIGH } = chart.viewBox.baseVal;
const SHAPE = (WIDE - PLOT.left - PLOT.right) / (HIGH - PLOT.top - PLOT.bottom); // how much wider than high the plot is
for (const id of ["along", "across"]) {
  if (id === "across") element(byId(id), "option", { value: "" }, "none");
  for (const leaf of movable) element(byId(id), "option", { value: leaf.index }, leaf.name);
  byId(id).onchange = () => changed("panels", "curve");
}

const inHand = () => nodes[byId("along").value];
const other = () => (byId("across").value === "" || byId("across").value === byId("along").value ? null : nodes[byId("across").value]);

let restedAt = 0; // when the leaves will have come to rest
watchers.push((what, leaf) => {
  if (what !== "values") return;
  if (leaf && leaf !== other()) byId("along").value = leaf.index;
  restedAt = performance.now() + REST;
});

keep("curve", () => {
  const names = [inHand(), other()].filter(Boolean).map((leaf) => leaf.name);
  return isOpen("curve") ? JSON.stringify(names) : null;
}, (text) => {
  const names = text === null ? [movable[0].name] : namesIn(text);
  const leaves = names.map((name) => movable.find((leaf) => leaf.name === name));
  if (leaves[0]) byId("along").value = leaves[0].index;
  byId("across").value = leaves[1] ? leaves[1].index : "";
  return leaves.includes(undefined) ? fill(NO_LEAF, { name: names[leaves.indexOf(undefined)] }) : "";
});

// ------------------------------------------------------------------------------------------------------------- computing

// The nodes that depend on some leaves, operands before users.
function coneOf(leaves) {
  const inside = new Set(leaves);
  return nodes.filter((node) => node.operands.some((operand) => inside.has(operand)) && inside.add(node));
}

// A function of numbers for some leaves that gives the result, or nan where it has none.
function probe(leaves) {
  const cone = coneOf(leaves);
  const inside = new Set([...leaves, ...cone]);
  const program = cone.map((node) => {
    const reads = node.arguments.map((a) => (typeof a !== "object" ? () => a : inside.has(a) ? () => a.trial : () => a.data));
    return { node, reads };
  });
  return (...xs) => {
    leaves.forEach((leaf, place) => (leaf.trial = xs[place]));
    try {
      for (const { node, reads } of program) {
        node.trial = node.op.value(reads.map((read) => read()), node.parameters);
      }
    } catch {
      return NaN; // outside a domain
    }
    return root.trial ?? NaN;
  };
}

// How many times it can be computed in so many milliseconds.
function affordable(compute, x, milliseconds) {
  const begun = performance.now();
  let count = 0;
  while (count < 64 && performance.now() - begun < 1) count += compute(x) === null ? 0 : 1;
  return (milliseconds * Math.max(count, 1)) / Math.max(performance.now() - begun, 0.01);
}

// The points of a curve; null where it has a gap.
function sampled(compute, [low, high], count, least) {
  const points = Array.from({ length: count + 1 }, (_, i) => low + ((high - low) * i) / count).map((x) => [x, compute(x)]);
  const rise = (i) => Math.abs(points[i + 1]?.[1] - points[i]?.[1]) || 0;
  const largest = Math.max(...points.map((_, i) => rise(i)).filter(Number.isFinite), 0);
  let halvings = Math.max(count * 2, least); // what may be spent on them
  return points.flatMap(([x, y], i) => {
    const next = points[i + 1];
    if (!next) return Number.isFinite(y) ? [[x, y]] : [null];
    const [isHere, isThere] = [Number.isFinite(y), Number.isFinite(next[1])];
    const isSteep = isHere && isThere && rise(i) > 1e-3 * largest && rise(i) > 3 * Math.max(rise(i - 1), rise(i + 1));
    const isTurn = isHere && isThere && (next[1] - y) * (y - (points[i - 1]?.[1] ?? y)) < 0 && rise(i) > largest / 4;
    const start = isHere ? [[x, y]] : [];
    if (!(isHere && isThere ? isSteep || isTurn : isHere || isThere) || halvings < 24) return isHere && isThere ? start : [...start, null];
    halvings -= 24;
    const [left, right] = halved(compute, [x, y], next);
    const isJump = !(Math.abs(right[1] - left[1]) < rise(i) / 2);
    return [...start, ...(isHere ? [left] : []), ...(isJump ? [null] : []), ...(isThere ? [right] : [])];
  });
}

// The two ends of what is left of an interval after halving: the half where the value changes more, or ceases to be.
function halved(compute, left, right) {
  for (let i = 0; i < 24; i++) {
    const x = (left[0] + right[0]) / 2;
    const middle = [x, compute(x)];
    const [isLeft, isMiddle, isRight] = [left, middle, right].map(([, y]) => Number.isFinite(y));
    const isOnLeft = isLeft === isRight ? isMiddle && Math.abs(middle[1] - left[1]) > Math.abs(right[1] - middle[1]) : isMiddle !== isLeft;
    if (isOnLeft) right = middle;
    else left = middle;
  }
  return [left, right];
}

// The range of values that is shown: all of them, or the middle ones where a pole would flatten the rest; and the present one.
function rangeOf(numbers, present) {
  const sorted = numbers.filter(Number.isFinite).sort((a, b) => a - b);
  const at = (part) => sorted[Math.round(part * (sorted.length - 1))];
  const middle = [at(0.08), at(0.92)];
  const isTamed = sorted.length && at(1) - at(0) > 12 * (middle[1] - middle[0]) && middle[1] > middle[0];
  return around([...(isTamed ? [middle[0] * 2 - middle[1], middle[1] * 2 - middle[0]] : [at(0), at(1)]), present].filter(Number.isFinite));
}

// --------------------------------------------------------------------------------------------------------------- drawing

let drawn = { key: "", isFine: false }; // what the plot shows, so that it is computed again only when another leaf has moved
let refining = 0;

function updateCurve() {
  if (RESTING || !movable.length) return void (byId("slope").textContent = RESTING);
  const leaves = [inHand(), other()].filter(Boolean);
  const isMoving = performance.now() < restedAt;
  const reaches = leaves.map((leaf) => rows.get(leaf).reach);
  const rest = movable.filter((leaf) => !leaves.includes(leaf)).map((leaf) => leaf.data);
  const key = JSON.stringify([leaves.map((leaf) => leaf.index), reaches, rest.map(String)]);
  if (key !== drawn.key || (!drawn.isFine && !isMoving)) {
    drawn = { key, isFine: !isMoving, ...(leaves.length > 1 ? surface(leaves, reaches, isMoving) : curve(leaves[0], reaches[0], isMoving)) };
  }
  drawn.show();
  byId("slope").textContent = [inWords(leaves), ...kinksOn(leaves)].join(" ");
  clearTimeout(refining);
  if (!drawn.isFine) refining = setTimeout(refresh, restedAt - performance.now() + 5);
}

function curve(leaf, reach, isMoving) {
  const compute = probe([leaf]);
  const count = clamped(Math.floor(affordable(compute, leaf.data, isMoving ? COARSE : FINE) / 3), isMoving ? FEWEST : 2 * FEWEST, MOST);
  const points = sampled(compute, [-reach, reach], 2 * Math.ceil(count / 2), isMoving ? 0 : 400);
  const values = points.filter(Boolean).map(([, y]) => y);
  return { points, show: () => drawCurve(leaf, reach, points, rangeOf(values, root.data)) };
}

function drawCurve(leaf, reach, points, range) {
  const { x, y } = drawAxes(chart, [-reach, reach], range, { along: leaf.name, up: root.name });
  clipped(chart);
  const inside = element(chart, "g", { "clip-path": "url(#inside)" });
  const far = (value) => clamped(y(value), -1e5, 1e5);
  element(inside, "path", { class: "curve", d: lineThrough(points.map((point) => point && [x(point[0]), far(point[1])])) });
  if (!Number.isFinite(root.data) || !Number.isFinite(leaf.data)) return;
  const [px, py, slope] = [x(leaf.data), y(root.data), leaf.grad ?? 0];
  const steepness = (slope * (y(1) - y(0))) / (x(1) - x(0)); // in pixels
  const [dx, dy] = Number.isFinite(steepness) ? [1, steepness].map((d) => (d * 90) / Math.hypot(1, steepness)) : [0, 90];
  if (!Number.isNaN(slope)) element(inside, "path", { class: "tangent", d: `M${px - dx},${py - dy}L${px + dx},${py + dy}` });
  element(chart, "circle", { class: "point", cx: px, cy: py, r: 4.5 });
}

function clipped(svg) {
  const { width, height } = svg.viewBox.baseVal;
  const clip = element(element(svg, "defs"), "clipPath", { id: "inside" });
  element(clip, "rect", { x: PLOT.left, y: PLOT.top, width: width - PLOT.left - PLOT.right, height: height - PLOT.top - PLOT.bottom });
}

// The values over both leaves, in one unit, so that the gradient is across the lines.
function surface(leaves, reaches, isMoving) {
  const compute = probe(leaves);
  const reach = Math.max(...reaches);
  const budget = affordable((x) => compute(x, leaves[1].data), leaves[0].data, isMoving ? COARSE : 2 * FINE);
  const count = clamped(Math.floor(Math.sqrt(budget)), 10, 64);
  const places = Array.from({ length: count + 1 }, (_, i) => reach * ((2 * i) / count - 1));
  const [across, upward] = [places.map((place) => place * SHAPE), places];
  const grid = upward.map((z) => across.map((x) => compute(x, z)));
  const range = rangeOf(grid.flat(), NaN);
  const sorted = grid.flat().filter((value) => value >= range[0] && value <= range[1]).sort((a, b) => a - b);
  const levels = Array.from({ length: LEVELS }, (_, i) => sorted[Math.round(((i + 0.5) / LEVELS) * (sorted.length - 1))]);
  const lines = [...new Set(levels)].filter((level) => level !== undefined).map((level) => contour(across, upward, grid, level));
  return { lines, show: () => drawSurface(leaves, reach, lines) };
}

// The line of one level through the cells of a grid: marching squares, without the cells where the result has no value.
function contour(across, upward, grid, level) {
  const segments = [];
  for (let j = 0; j + 1 < upward.length; j++) {
    for (let i = 0; i + 1 < across.length; i++) {
      const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]].map(([a, b]) => [across[a], upward[b], grid[b][a] - level]);
      if (!corners.every(([, , height]) => Number.isFinite(height))) continue;
      const crossings = corners.flatMap(([x, z, height], place) => {
        const [x2, z2, next] = corners[(place + 1) % 4];
        const part = height / (height - next);
        return height < 0 === next < 0 ? [] : [[x + part * (x2 - x), z + part * (z2 - z)]];
      });
      for (let k = 0; k + 1 < crossings.length; k += 2) segments.push([crossings[k], crossings[k + 1]]);
    }
  }
  return segments;
}

function drawSurface([leaf, second], reach, lines) {
  const { x, y } = drawAxes(chart, [-reach * SHAPE, reach * SHAPE], [-reach, reach], { along: leaf.name, up: second.name });
  clipped(chart);
  const inside = element(chart, "g", { "clip-path": "url(#inside)" });
  const place = ([a, b]) => `${x(a).toFixed(1)},${y(b).toFixed(1)}`;
  for (const segments of lines) element(inside, "path", { class: "level", d: segments.map(([from, to]) => `M${place(from)}L${place(to)}`).join("") });
  const [px, py] = [x(leaf.data), y(second.data)];
  const [right, up] = [leaf.grad ?? 0, second.grad ?? 0];
  const length = Math.hypot(right, up);
  if (length > 0 && Number.isFinite(length) && root.data !== undefined) {
    const [dx, dy] = [(46 * right) / length, (-46 * up) / length];
    element(inside, "path", { class: "tangent", d: `M${px},${py}l${dx},${dy}m${-dx * 0.2 - dy * 0.12},${-dy * 0.2 + dx * 0.12}l${dx * 0.2 + dy * 0.12},${dy * 0.2 - dx * 0.12}l${-dx * 0.2 + dy * 0.12},${-dy * 0.2 - dx * 0.12}` });
  }
  if (Number.isFinite(px) && Number.isFinite(py)) element(inside, "circle", { class: "point", cx: px, cy: py, r: 4.5 });
}

// What is to be said of kinks between the leaves and the result: a derivative is a convention there.
function kinksOn(leaves) {
  if (root.data === undefined) return [];
  return coneOf(leaves).flatMap((node) => {
    const { kink, distance } = nearestKink(node);
    if (distance !== 0) return [];
    const fields = { node: node.name, op: DATA.nodes[node.index].op, where: kink.where, convention: kink.convention };
    return [fill(kink.jumps ? AT_JUMP : AT_KINK, fields)];
  });
}

function inWords([leaf, second]) {
  const [slope, rise] = [leaf, second].map((each) => each && (each.grad ?? 0));
  const fields = { leaf: leaf.name, root: root.name, x: short(leaf.data), y: short(root.data ?? NaN), slope: short(slope) };
  if (root.data === undefined) return fill(NO_POINT, fields);
  if (second) {
    const length = Math.hypot(slope, rise);
    return fill(length > 0 && Number.isFinite(length) ? TWO : LEVEL, { ...fields, other: second.name, z: short(second.data), rise: short(rise) });
  }
  if (leaf.grad === UNREACHED) return fill(FLAT, fields);
  return fill(Number.isFinite(slope) ? TANGENT : Number.isNaN(slope) ? NO_TANGENT : VERTICAL, fields);
}
