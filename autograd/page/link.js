/* The link of a page inside a widget: the page and the widget around it tell each other the numbers of leaves, by name.

   A number that JSON lacks is written as in the page's data, { float: "inf" }. */

let isTold = false; // whether a change comes from the widget, which has it already

watchers.push((what) => {
  if (what !== "values" || isTold) return;
  const leaves = nodes.filter((node) => node.isLeaf).map(({ name, data }) => [name, Number.isFinite(data) ? data : { float: short(data) }]);
  parent.postMessage({ leaves: Object.fromEntries(leaves) }, "*");
});

addEventListener("message", ({ source, data }) => {
  if (source !== parent || !data.leaves) return;
  const given = nodes.filter((node) => node.isLeaf && node.name in data.leaves).map((leaf) => [leaf, real(data.leaves[leaf.name])]);
  const pairs = given.filter(([leaf, x]) => !Object.is(leaf.data, x));
  isTold = true;
  if (pairs.length && !RESTING) setLeaves(pairs);
  isTold = false;
});

parent.postMessage({ ready: true }, "*");
