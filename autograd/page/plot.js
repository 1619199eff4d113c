/* Small plots: axes with round numbers, curves with gaps. */

const PLOT = { left: 46, right: 8, top: 8, bottom: 22 }; // the margins around the data

// About `count` round numbers from low to high.
function ticks(low, high, count = 4) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((each) => each * power >= rough * 0.999);
  if (!(step > 0 && Number.isFinite(step))) return [];
  const first = Math.ceil(low / step - 1e-9);
  return Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

// Empty a plot and draw its axes; return the functions from data to pixels.
function drawAxes(svg, [left, right], [low, high], { along = "", up = "", isLog = false } = {}) {
  svg.replaceChildren();
  const { width, height } = svg.viewBox.baseVal;
  const x = (value) => PLOT.left + ((value - left) / (right - left)) * (width - PLOT.left - PLOT.right);
  const y = (value) => height - PLOT.bottom - ((value - low) / (high - low)) * (height - PLOT.top - PLOT.bottom);
  const [bottom, end] = [height - PLOT.bottom, width - PLOT.right];
  element(svg, "path", { class: "axis", d: `M${PLOT.left},${PLOT.top}V${bottom}H${end}` });
  for (const tick of ticks(left, right)) {
    element(svg, "path", { class: "axis", d: `M${x(tick)},${bottom}v4` });
    element(svg, "text", { x: x(tick), y: height - 6, "text-anchor": x(tick) > end - 12 ? "end" : "middle" }, short(tick));
  }
  for (const tick of ticks(low, high, Math.max(2, height / 60))) {
    if (isLog && !Number.isInteger(tick)) continue;
    element(svg, "path", { class: "axis", d: `M${PLOT.left},${y(tick)}h-4` });
    element(svg, "text", { x: PLOT.left - 7, y: y(tick) + 4, "text-anchor": "end" }, short(isLog ? 10 ** tick : tick));
  }
  if (along) element(svg, "text", { x: end, y: bottom - 5, "text-anchor": "end" }, along);
  if (up) element(svg, "text", { x: PLOT.left + 6, y: PLOT.top + 10 }, up);
  return { x, y };
}

// A path through the points [x, y] in pixels; null is a gap.
function lineThrough(points) {
  let isDown = false;
  const parts = points.map((point) => {
    const part = point ? `${isDown ? "L" : "M"}${point[0].toFixed(1)},${point[1].toFixed(1)}` : "";
    isDown = Boolean(point);
    return part;
  });
  return parts.join("");
}

// A range a little wider than these numbers.
function around(numbers) {
  const finite = numbers.filter(Number.isFinite);
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const room = (high - low) * 0.06 || Math.abs(high) * 0.1 || 1;
  return finite.length ? [low - room, high + room] : [-1, 1];
}

const DESCENT = "{root} over {count} steps, from {first} to {last}";

// The result after every step; on a logarithmic scale where it falls to a hundredth.
function drawTrail(svg, losses) {
  attribute(svg, "aria-label", fill(DESCENT, { root: root.name, count: losses.length - 1, first: short(losses[0]), last: short(losses.at(-1)) }));
  svg.toggleAttribute("hidden", losses.length < 2);
  if (losses.length < 2) return;
  const finite = losses.filter(Number.isFinite);
  const isLog = Math.min(...finite) > 0 && Math.max(...finite) > 100 * Math.min(...finite);
  const shown = isLog ? losses.map(Math.log10) : losses;
  const { x, y } = drawAxes(svg, [0, Math.max(losses.length - 1, 4)], around(shown), { along: "steps", up: root.name, isLog });
  const points = shown.map((loss, place) => (Number.isFinite(loss) ? [x(place), y(loss)] : null));
  element(svg, "path", { class: "curve", d: lineThrough(points) });
  const last = points.findLast(Boolean);
  if (last) element(svg, "circle", { class: "point", cx: last[0], cy: last[1], r: 4 });
}
