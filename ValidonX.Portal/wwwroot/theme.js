// Before anything is drawn: light or dark, as the reader once chose; the system's choice without.
const chosen = localStorage.getItem("theme");
if (chosen) {
  document.documentElement.dataset.theme = chosen;
}
