/* The tool that shares the page as it is now: a link, the code of a frame for another page, and what of the page is shown. */

const LINK = "The link opens the page as it is now: leaves, step, view, open tools.";
const OWN_LINK = "This page is a file on this computer: put it on a web server, and the link works for others too.";
const NO_ADDRESS =
  "Inside a notebook a page has no address. Save it, to_html(root, 'page.html'), and append this to the address of that file: it opens as this page is now.";
const COPIED = "Copied.";
const BY_HAND = "The browser lets no page copy here. The text is selected: press Ctrl+C.";
const HEIGHT = 640; // pixels of a frame, unless another number is typed

const sharing = makePanel("share", "Share", updateShare);
sharing.innerHTML = `<p class="about"></p>
<div class="field"><label for="link">Link</label><input id="link" class="number" readonly><button type="button" id="copy-link">Copy link</button></div>
<div class="field"><label for="frame-height">Height</label><input id="frame-height" type="number" min="100" max="5000" value="${HEIGHT}" class="number"></div>
<div class="field"><label for="embed">Frame</label><input id="embed" class="number" readonly><button type="button" id="copy-embed">Embed</button></div>
<fieldset><legend>Shown in this page</legend></fieldset><p id="copied" aria-live="polite"></p>`;
for (const name of Object.keys(PARTS)) {
  const label = element(sharing.querySelector("fieldset"), "label", {});
  const box = element(label, "input", { type: "checkbox", id: `show-${name}` });
  label.append(name);
  box.onchange = () => {
    hide(Object.keys(PARTS).filter((part) => !byId(`show-${part}`).checked));
    changed("panels", "share");
  };
}
byId("copy-link").onclick = () => copy(byId("link"));
byId("copy-embed").onclick = () => copy(byId("embed"));
byId("frame-height").oninput = updateShare;
watchers.push((what) => what === "view" && isOpen("share") && refresh());

function updateShare() {
  const address = isFramed ? fragment() : location.href.replace(/#.*/s, "") + fragment();
  const height = clamped(Math.round(Number(byId("frame-height").value)) || HEIGHT, 100, 5000);
  sharing.querySelector(".about").textContent = isFramed ? NO_ADDRESS : location.protocol === "file:" ? `${LINK} ${OWN_LINK}` : LINK;
  byId("link").value = address;
  const look = `style="width: 100%; height: ${height}px; border: 0"`;
  byId("embed").value = isFramed ? "" : `<iframe src="${html(address)}" title="${html(document.title)}" ${look}></iframe>`;
  for (const id of ["embed", "frame-height"]) byId(id).parentElement.hidden = isFramed;
  for (const name of Object.keys(PARTS)) byId(`show-${name}`).checked = !hiddenParts().includes(name);
}

// Copy the text of a field; where the browser refuses, select it for the reader.
async function copy(field) {
  updateShare();
  field.select();
  // The old command first: the frame of a notebook and a page by http have no clipboard, and the browser would complain.
  const isCopied = document.execCommand("copy") || (await navigator.clipboard?.writeText(field.value).then(() => true, () => false));
  byId("copied").textContent = isCopied ? COPIED : BY_HAND;
}
