/* The arrangement: where every card, circle and frame is, and the curve of every line, for the boxes that are open now.

   A layered layout, of which an open box is a part with a layout inside:

     rank      the longest path from a source, as in every layered drawing; a source is right before its first user
     order     within a rank by the mean place of the neighbours, swept back and forth; what takes nothing of one another, as the
               neurons of a layer or its inputs, is a column in its own order
     place     as near to the neighbours' mean as what is in between allows: the best such places are an isotonic regression

   A line that crosses ranks goes through bends there. All is computed as if the picture went from left to right, `along` and
   `across`, and turned in the end. A unit is a pixel at the natural size. Read `arranged` first.                           */

const LABEL = [84, 32]; // room for the text beside a line: two lines of twelve characters
const [GAP, WIDEST] = [[8, 18], 150]; // before the text of lines and after it; and for the lines at most, where many cross
const [MARGIN, PADDING, HEAD] = [12, 14, 28]; // around the picture, inside a frame, and for its name
const SWEEPS = 8;
const [FAR, BENDS] = [1000, 10]; // bends of all lines together; where there would be more, those of one line
const LEVELLED = 16; // half of the piece of a line that is level at its text
const TOLERANCE = 5; // how far a curve may pass from a bend
const [THICKET, BUNDLE] = [4, 6]; // arrows for each card, and at one card; where there are more, their text shows when it is looked at

let [direction, isUpright, sense] = ["", false, 1];
const flat = ([x, y]) => (isUpright ? [sense * y, x] : [sense * x, y]);
const upright = ([along, across]) => (isUpright ? [across, sense * along] : [sense * along, across]);
const flatSize = ({ width, height }) => (isUpright ? [height, width] : [width, height]);

function direct(rankdir) {
  direction = rankdir;
  isUpright = ["TB", "BT"].includes(rankdir);
  sense = ["RL", "BT"].includes(rankdir) ? -1 : 1;
}

const usualDirection = DATA.picture.rankdir || "LR";
direct(usualDirection); // if the program chose none, it is changed as the stage is: see `turnToStage`

/* Give every shape of the group its `at`, [x, y, width, height] from its centre, and every line its `path`, its `label` and
   its `bounds`; return the size of the picture.

     a shape has width, height, parent, and if it is a group its children; the outermost group has no parent
     a line has tail, head, weight, hasHead, hasLabel                                                                 */
function arranged(top, lines) {
  for (const line of lines) split(line);
  arrangeGroup(top);
  const size = [top.width + 2 * MARGIN, top.height + 2 * MARGIN].map(Math.round);
  put(top, size[0] / 2, size[1] / 2);
  const copies = new Map();
  for (const line of lines) {
    const key = `${line.tail.id} ${line.head.id}`;
    const copy = copies.get(key) ?? 0; // x*x: the second edge runs beside the first
    copies.set(key, copy + 1);
    route(line, Math.ceil(copy / 2) * (LABEL[1] + 4) * (copy % 2 ? 1 : -1));
  }
  return size;
}

function put(shape, x, y) {
  shape.at = [x, y, shape.width, shape.height].map(Math.round);
  for (const child of shape.children || []) put(child, x + child.shift[0], y + child.shift[1]);
}

// The pieces of a line, one for each group that it goes through: to the border, between two parts, from the border.
function split(line) {
  const up = (shape) => (shape.parent ? [shape, ...up(shape.parent)] : [shape]);
  const [tails, heads] = [up(line.tail), up(line.head)];
  while (tails.at(-2) && tails.at(-2) === heads.at(-2)) for (const list of [tails, heads]) list.pop();
  const piece = (group, tail, head) => group.pieces.push((line.pieces.push({ group, line, tail, head, bends: [] }), line.pieces.at(-1)));
  line.pieces = [];
  for (let i = 0; i < tails.length - 2; i++) piece(tails[i + 1], tails[i], null);
  piece(tails.at(-1), tails.at(-2), heads.at(-2));
  for (let i = heads.length - 3; i >= 0; i--) piece(heads[i + 1], null, heads[i]);
}

// -------------------------------------------------------------------------------------------------------------- one group

function arrangeGroup(group) {
  for (const child of group.children) if (child.children) arrangeGroup(child);
  const spots = new Map(group.children.map((shape) => [shape, spotOf(...flatSize(shape))]));
  const inside = group.pieces.filter(({ tail, head }) => tail && head);
  rankAll(group.children, spots, inside);
  const last = Math.max(0, ...[...spots.values()].map(({ rank }) => rank));
  const ranks = Array.from({ length: 2 * last + 1 }, () => []); // those between the ranks of shapes have the text of lines
  for (const spot of spots.values()) spot.rank *= 2;
  bend(group.pieces, spots, ranks);
  for (const spot of spots.values()) ranks[spot.rank].push(spot);
  if (inside.length) sortAll(ranks);
  else for (const [place, spot] of ranks[0].entries()) spot.place = place;
  spreadAll(ranks);
  const [starts, length] = along(ranks, inside, spots);
  const low = Math.min(0, ...ranks.flat().map(({ across, breadth }) => across - breadth / 2));
  const high = Math.max(0, ...ranks.flat().map(({ across, breadth }) => across + breadth / 2));
  const centred = ({ rank, across }) => [starts[rank] - length / 2, across - (low + high) / 2];
  const top = group.parent ? (HEAD - PADDING) / 2 : 0;
  const shifted = (spot) => {
    const [x, y] = upright(centred(spot));
    return [x, y + top];
  };
  for (const [shape, spot] of spots) shape.shift = shifted(spot);
  for (const piece of group.pieces) {
    piece.bends = piece.bends.map((spot) => (spot === piece.text ? (piece.text = shifted(spot)) : shifted(spot)));
  }
  const [width, height] = isUpright ? [high - low, length] : [length, high - low];
  const padding = group.parent ? PADDING : 0;
  group.width = Math.max(width + 2 * padding, group.least || 0);
  group.height = height + (group.parent ? HEAD + padding : 0);
}

const zeros = (length) => Array.from({ length }, () => 0);
const spotOf = (length, breadth, isBend = false) => ({ length, breadth, isBend, rank: 0, across: 0, place: 0, before: [], after: [] });

// One more than the largest of the tails'; where folding made a cycle, its first shape goes first.
function rankAll(shapes, spots, pieces) {
  const waits = new Map(shapes.map((shape) => [shape, 0]));
  const heads = new Map(shapes.map((shape) => [shape, []]));
  for (const { tail, head } of pieces) {
    heads.get(tail).push(head);
    waits.set(head, waits.get(head) + 1);
  }
  const sources = shapes.filter((shape) => !waits.get(shape));
  const [ready, least, done] = [sources.slice(), new Map(), new Set()];
  let stuck = 0;
  while (done.size < shapes.length) {
    let shape = ready.pop();
    while (!shape || done.has(shape)) shape = shapes[stuck++];
    done.add(shape);
    const rank = (spots.get(shape).rank = least.get(shape) ?? 0);
    for (const head of heads.get(shape)) {
      waits.set(head, waits.get(head) - 1);
      if (done.has(head)) continue;
      least.set(head, Math.max(least.get(head) ?? 0, rank + 1));
      if (!waits.get(head)) ready.push(head);
    }
  }
  for (const shape of sources) {
    const users = heads.get(shape).map((head) => spots.get(head).rank);
    spots.get(shape).rank = Math.max(Math.min(...(users.length ? users : [1])) - 1, 0);
  }
}

// Give each piece its bends in the ranks that it crosses and room for its text, and link neighbours.
function bend(pieces, spots, ranks) {
  const ends = pieces.map(({ tail, head }) => [tail ? spots.get(tail).rank : -1, head ? spots.get(head).rank : ranks.length]);
  const textOf = ({ line, tail, head }, [first, last]) => (line.hasLabel && tail && head ? first + Math.sign(last - first) : null);
  const texts = pieces.map((piece, index) => textOf(piece, ends[index]));
  const used = new Set(texts);
  const crossed = ends.map(([first, last]) => {
    const between = Array.from({ length: Math.max(Math.abs(last - first) - 1, 0) }, (_, i) => first + Math.sign(last - first) * (i + 1));
    return between.filter((rank) => rank % 2 === 0 || used.has(rank));
  });
  const isFar = crossed.reduce((sum, { length }) => sum + length, 0) > FAR;
  pieces.forEach((piece, index) => {
    const { line, tail, head } = piece;
    const step = isFar ? Math.ceil(crossed[index].length / BENDS) : 1;
    for (const [i, rank] of crossed[index].entries()) {
      const isText = rank === texts[index];
      if (i % step && !isText) continue;
      const spot = isText ? spotOf(...(isUpright ? LABEL.slice().reverse() : LABEL)) : spotOf(0, line.hasLabel && !tail === !head ? 12 : 4, true);
      spot.rank = rank;
      ranks[rank].push(spot);
      piece.bends.push(spot);
      if (isText) piece.text = spot;
    }
    const chain = [tail && [spots.get(tail), asideOf(line.tail, tail)], ...piece.bends.map((spot) => [spot, 0]), head && [spots.get(head), asideOf(line.head, head)]];
    for (let i = 0; i < chain.length - 1; i++) if (chain[i] && chain[i + 1]) link(...chain[i], ...chain[i + 1], line.weight);
  });
}

function link(tail, off, head, other, weight) {
  tail.after.push({ spot: head, aside: other - off, weight });
  head.before.push({ spot: tail, aside: off - other, weight });
}

// How far across a shape is from the centre of the part of a group that it is in.
function asideOf(shape, part) {
  let aside = 0;
  for (let inner = shape; inner !== part; inner = inner.parent) aside += flat(inner.shift)[1];
  return aside;
}

// ------------------------------------------------------------------------------------------------------ order and places

function sortAll(ranks) {
  const number = (rank) => rank.forEach((spot, place) => (spot.place = place));
  ranks.forEach(number);
  let [best, least] = [null, Infinity];
  for (let sweep = 0; sweep <= SWEEPS && least; sweep++) {
    const isBack = sweep % 2 === 1;
    if (sweep) {
      for (const rank of isBack ? ranks.slice().reverse() : ranks) {
        for (const spot of rank) spot.wanted = meanOf(isBack ? spot.after : spot.before, (other) => other.place, spot.place);
        rank.sort((a, b) => a.wanted - b.wanted || a.place - b.place);
        number(rank);
      }
    }
    const count = crossings(ranks);
    if (count < least) [best, least] = [ranks.map((rank) => rank.slice()), count];
  }
  ranks.forEach((rank, index) => {
    rank.splice(0, rank.length, ...best[index]);
    number(rank);
  });
  swapAll(ranks);
}

// Swap neighbours in a rank where fewer lines cross then.
function swapAll(ranks) {
  const places = (links) => links.map(({ spot }) => spot.place);
  const crossing = (one, other) => one.reduce((sum, a) => sum + other.reduce((more, b) => more + (a > b), 0), 0);
  for (let round = 0, isBetter = true; isBetter && round < 4; round++) {
    isBetter = false;
    for (const rank of ranks) {
      for (let i = 0; i + 1 < rank.length; i++) {
        const [a, b] = [rank[i], rank[i + 1]];
        const sides = ["before", "after"].map((side) => [places(a[side]), places(b[side])]);
        if (sides.some(([one, other]) => one.length * other.length > 400)) continue;
        const gain = sides.reduce((sum, [one, other]) => sum + crossing(one, other) - crossing(other, one), 0);
        if (gain <= 0) continue;
        [rank[i], rank[i + 1], a.place, b.place, isBetter] = [b, a, i + 1, i, true];
      }
    }
  }
}

// How many pairs of lines cross, by a tree of sums over the places.
function crossings(ranks) {
  let count = 0;
  for (const rank of ranks) {
    const heads = rank.flatMap(({ after }) => after.map(({ spot }) => spot.place).sort((a, b) => a - b));
    const sums = zeros(Math.max(0, ...heads.map((place) => place + 2)));
    heads.forEach((place, seen) => {
      let below = 0;
      for (let i = place + 1; i > 0; i -= i & -i) below += sums[i];
      count += seen - below;
      for (let i = place + 1; i < sums.length; i += i & -i) sums[i] += 1;
    });
  }
  return count;
}

function meanOf(links, read, otherwise) {
  let [total, weights] = [0, 0];
  for (const { spot, weight, aside } of links) {
    total += weight * read(spot, aside);
    weights += weight;
  }
  return weights ? total / weights : otherwise;
}

function spreadAll(ranks) {
  for (const spot of ranks.flat()) {
    spot.near = [...spot.before, ...spot.after];
    spot.pull = spot.near.reduce((sum, { weight }) => sum + weight, 0.01);
  }
  for (const rank of ranks) spread(rank, () => 0);
  const across = (spot, aside) => spot.across - aside;
  for (let sweep = 0; sweep < SWEEPS + 2; sweep++) {
    for (const rank of sweep % 2 ? ranks.slice().reverse() : ranks) {
      spread(rank, (spot) => meanOf(spot.near, across, spot.across));
    }
  }
}

const LINE_HEIGHT = 26; // a card of one line
const space = (a, b) => (a.isBend && b.isBend ? 4 : a.isBend || b.isBend ? 10 : Math.max(a.breadth, b.breadth) > LINE_HEIGHT ? 16 : 12);
const apart = (a, b) => (a.breadth + b.breadth) / 2 + space(a, b);

// The places nearest to those wanted that keep the order and the distances: neighbours too near share their mean.
function spread(rank, wanted) {
  const blocks = []; // of what shares a place: sum, weight, how many
  let offset = 0;
  const offsets = rank.map((spot, index) => (offset += index ? apart(rank[index - 1], spot) : 0));
  rank.forEach((spot, index) => {
    const block = [spot.pull * (wanted(spot) - offsets[index]), spot.pull, 1];
    while (blocks.length && blocks.at(-1)[0] / blocks.at(-1)[1] >= block[0] / block[1]) {
      const last = blocks.pop();
      for (const side of block.keys()) block[side] += last[side];
    }
    blocks.push(block);
  });
  const levels = blocks.flatMap(([sum, weight, count]) => Array.from({ length: count }, () => sum / weight));
  rank.forEach((spot, index) => (spot.across = offsets[index] + levels[index]));
}

// The middle of every rank, and the length of all; where many lines cross, there is more room between ranks.
function along(ranks, inside, spots) {
  const crowd = zeros(ranks.length + 1);
  for (const { tail, line } of inside) if (line.hasHead) crowd[spots.get(tail).rank + 1] += 1;
  let end = 0;
  const middles = ranks.map((rank, place) => {
    const isBetween = place % 2 === 1;
    const width = Math.max(isBetween ? Math.min(WIDEST, 3 * crowd[place]) : 0, ...rank.map(({ length }) => length));
    if (place) end += isBetween ? GAP[0] : GAP[1];
    end += width;
    return end - width / 2;
  });
  return [middles, end];
}

// ------------------------------------------------------------------------------------------------------------------ lines

// The curve of a line through its bends, with level tangents, but not through those that are nearly on it; level at its text.
function route(line, lane) {
  const [tail, head] = [line.tail, line.head].map((shape) => ({ middle: flat(shape.at), half: flatSize(shape)[0] / 2 }));
  const way = tail.middle[0] < head.middle[0] ? 1 : -1;
  const start = [tail.middle[0] + way * tail.half, tail.middle[1]];
  const end = [head.middle[0] - way * (head.half + (line.hasHead ? 6 : 0)), head.middle[1]];
  const pieces = [[start]]; // from the start to the text, and from there to the end
  for (const { group, bends, text } of line.pieces) {
    for (const shift of bends) {
      const [along, across] = flat([group.at[0] + shift[0], group.at[1] + shift[1]]);
      if (shift !== text) pieces.at(-1).push([along, across]);
      else pieces.push((pieces.at(-1).push([along - way * LEVELLED, across]), [[along + way * LEVELLED, across]]));
    }
  }
  pieces.at(-1).push(end);
  const points = pieces.flatMap(thinned);
  const bulge = points.length === 2 ? (lane * 4) / 3 : 0; // a longer line has bends
  const curves = points.slice(1).map(([along1, across1], index) => {
    const [along0, across0] = points[index];
    const middle = (along0 + along1) / 2;
    return [[along0, across0], [middle, across0 + bulge], [middle, across1 + bulge], [along1, across1]];
  });
  const written = (point) => upright(point).map(Math.round).join(",");
  line.path = `M${written(points[0])}${curves.map((curve) => `C${curve.slice(1).map(written).join(" ")}`).join("")}`;
  const [from, to] = pieces.length > 1 ? [pieces[0].at(-1), pieces[1][0]] : [points[(points.length - 1) >> 1], points[((points.length - 1) >> 1) + 1]];
  line.label = upright([(from[0] + to[0]) / 2, (from[1] + to[1]) / 2 + (bulge * 3) / 4]).map(Math.round);
  const every = curves.flat().map(upright);
  const span = (side) => [Math.min(...every.map((point) => point[side])), Math.max(...every.map((point) => point[side]))];
  const [[left, right], [top, bottom]] = [span(0), span(1)];
  line.bounds = [left - 42, top - 34, right + 84, bottom + 20];
}

// The ends, and of the bends those that a straight line between the others would miss by more than the tolerance.
function thinned(points) {
  const [keep, waiting] = [new Set([0, points.length - 1]), [[0, points.length - 1]]];
  while (waiting.length) {
    const [first, last] = waiting.pop();
    const [[x0, y0], [x1, y1]] = [points[first], points[last]];
    let [worst, index] = [TOLERANCE, 0];
    for (let i = first + 1; i < last; i++) {
      const miss = Math.abs(points[i][1] - y0 - ((y1 - y0) * (points[i][0] - x0)) / (x1 - x0));
      if (miss > worst) [worst, index] = [miss, i];
    }
    if (!index) continue;
    keep.add(index);
    waiting.push([first, index], [index, last]);
  }
  return points.filter((_, index) => keep.has(index));
}
