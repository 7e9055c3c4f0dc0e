// What pages need of a script: the reader's time zone, charts that tell values and zoom, pages that stay current, copying. Everything else works without.
(() => {
  const started = Blazor.start();
  const zone = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });
  const clock = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" });

  const showTimes = () => {
    for (const time of document.querySelectorAll("time[datetime]")) {
      const at = new Date(time.dateTime);
      const text = zone.format(at);
      if (time.textContent !== text) {
        time.textContent = text;
        time.title = `${exact.format(at)} (${time.dateTime.slice(0, 19)} UTC)`;
      }
    }
  };

  const timesOf = (svg) => svg.dataset.times.split(",");

  const lastOf = (svg) => timesOf(svg).length - 1;

  const xOf = (svg, row) => (lastOf(svg) < 1 ? 720 : (row / lastOf(svg)) * 720);

  const tell = (svg, place) => {
    const row = Math.max(0, Math.min(lastOf(svg), place));
    svg.dataset.place = row;
    const values = [...svg.querySelectorAll("path[data-values]")].map(
      (path) => `${path.dataset.name} ${path.dataset.values.split(",")[row] || "–"}`);
    const cursor = svg.querySelector(".cursor");
    cursor.setAttribute("x1", xOf(svg, row));
    cursor.setAttribute("x2", xOf(svg, row));
    cursor.setAttribute("visibility", "visible");
    svg.closest("[data-chart]").querySelector("output").textContent = `${clock.format(new Date(timesOf(svg)[row] * 1000))}: ${values.join(", ")}`;
  };

  const under = (svg, event) => {
    const box = svg.getBoundingClientRect();
    return Math.max(0, Math.min(lastOf(svg), Math.round(((event.clientX - box.left) / box.width) * lastOf(svg))));
  };

  // What is marked of a chart, between where it began and a place.
  const mark = (svg, place) => {
    const part = svg.querySelector(".part");
    const from = svg.dataset.from;
    part.setAttribute("visibility", from === undefined ? "hidden" : "visible");
    if (from !== undefined) {
      part.setAttribute("x", xOf(svg, Math.min(from, place)));
      part.setAttribute("width", xOf(svg, Math.max(from, place)) - xOf(svg, Math.min(from, place)));
    }
  };

  // Shows what is marked alone: one point is nothing to zoom into.
  const zoom = (svg, place) => {
    const [first, last] = [Math.min(svg.dataset.from, place), Math.max(svg.dataset.from, place)];
    delete svg.dataset.from;
    mark(svg, place);
    if (first < last) {
      const times = timesOf(svg);
      const at = (seconds) => `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
      const address = new URL(location.href);
      address.searchParams.delete("range");
      address.searchParams.set("from", at(Number(times[first])));
      address.searchParams.set("to", at(Number(times[last]) + (times[1] - times[0])));
      started.then(() => Blazor.navigateTo(address.href));
    }
  };

  document.addEventListener("pointermove", (event) => {
    const svg = event.target.closest?.("[data-chart] svg");
    if (svg) {
      tell(svg, under(svg, event));
      mark(svg, under(svg, event));
    }
  });

  document.addEventListener("pointerdown", (event) => {
    const svg = event.target.closest?.("[data-chart] svg");
    if (svg && event.button === 0 && event.pointerType === "mouse") {
      svg.dataset.from = under(svg, event);
    }
  });

  document.addEventListener("pointerup", (event) => {
    const svg = document.querySelector("[data-chart] svg[data-from]");
    if (svg && event.pointerType === "mouse") {
      zoom(svg, under(svg, event));
    }
  });

  document.addEventListener("keydown", (event) => {
    const svg = event.target.closest?.("[data-chart] svg");
    if (!svg) {
      return;
    }

    const last = lastOf(svg);
    const place = Number(svg.dataset.place ?? last);
    const to = { ArrowLeft: place - 1, ArrowRight: place + 1, Home: 0, End: last, Enter: place, Escape: place }[event.key];
    if (to === undefined) {
      return;
    }

    event.preventDefault();
    if (event.key === "Enter" && svg.dataset.from !== undefined) {
      zoom(svg, place);
      return;
    }

    if (event.key === "Enter") {
      svg.dataset.from = place;
    } else if (event.key === "Escape") {
      delete svg.dataset.from;
    }

    tell(svg, to);
    mark(svg, Number(svg.dataset.place));
  });

  document.addEventListener("click", async (event) => {
    const copied = event.target.closest?.("[data-copy]");
    if (copied) {
      await navigator.clipboard.writeText(document.getElementById(copied.dataset.copy).textContent);
      copied.textContent = "Copied";
    }

    if (event.target.closest?.("[data-theme-switch]")) {
      const root = document.documentElement;
      const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
      root.dataset.theme = isDark ? "light" : "dark";
      localStorage.setItem("theme", root.dataset.theme);
    }
  });

  // A page that shows something current is read again in its place, unless somebody is at work in it.
  let read = Date.now();
  let isOwn = false;
  setInterval(() => {
    const live = document.querySelector("[data-live]");
    const offline = document.querySelector("[data-offline]");
    if (offline) {
      offline.hidden = navigator.onLine;
    }

    const isBusy = document.hidden || !navigator.onLine || document.querySelector("main details[open]:not(.menu)") || document.activeElement?.closest("main form, main svg");
    if (live && !isBusy && Date.now() - read >= live.dataset.live * 1000) {
      read = Date.now();
      isOwn = true;
      Blazor.navigateTo(location.href, false, true);
    }
  }, 500);

  // Whoever asked for a page sees that it is on its way; a page that reads itself again says nothing.
  const showLoading = (isLoading) => {
    document.querySelector("[data-loading]").hidden = !isLoading;
    document.querySelector("main")?.setAttribute("aria-busy", isLoading);
  };

  showTimes();
  started.then(() => {
    Blazor.addEventListener("enhancednavigationstart", () => showLoading(!isOwn));
    Blazor.addEventListener("enhancednavigationend", () => {
      isOwn = false;
      showLoading(false);
    });
    Blazor.addEventListener("enhancedload", () => {
      read = Date.now();
      showTimes();
    });
  });
})();
