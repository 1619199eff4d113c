/* The widget around a page: it carries the numbers of leaves between the page, in its frame, and the model that Python has. */

function render({ model, el }) {
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", "allow-scripts");
  frame.title = model.get("title");
  frame.style.cssText = `width: 100%; height: ${model.get("height")}px; border: 0`;
  frame.srcdoc = model.get("html");
  let isOwn = false; // whether the change comes from this page, which has it already

  const tell = () => isOwn || frame.contentWindow?.postMessage({ leaves: model.get("values") }, "*");
  const hear = ({ source, data }) => {
    if (source !== frame.contentWindow || !data) return;
    if (data.ready) return tell();
    isOwn = true;
    model.set("values", { ...model.get("values"), ...data.leaves });
    isOwn = false;
    model.save_changes();
  };
  addEventListener("message", hear);
  model.on("change:values", tell);
  el.append(frame);
  return () => {
    removeEventListener("message", hear);
    model.off("change:values", tell);
  };
}

export default { render };
