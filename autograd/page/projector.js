/* For a projector: the picture fills the window, the step's words lie over its lower edge, all text is a step larger. */

function toggleProjector() {
  const isOn = document.documentElement.classList.toggle("projector");
  smallest = isOn ? PROJECTED : SMALLEST;
  detail.level = ""; // its text is arranged anew
  document.querySelector(".saying").style.minHeight = "";
  onResize();
  announce(isOn ? "Projector view. P leaves it." : "Ordinary view.");
}
