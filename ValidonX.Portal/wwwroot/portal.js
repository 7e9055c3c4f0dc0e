// What pages need of a script: the reader's time zone, charts that tell values, pages that stay current, copying. Everything else works without.
(() => {
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

  const tell = (svg, place) => {
    const times = svg.dataset.times.split(",");
    const row = Math.max(0, Math.min(times.length - 1, place));
    svg.dataset.place = row;
    const values = [...svg.querySelectorAll("path[data-values]")].map(
      (path) => `${path.dataset.name} ${path.dataset.values.split(",")[row] || "–"}`);
    const x = times.length < 2 ? 720 : (row / (times.length - 1)) * 720;
    const cursor = svg.querySelector(".cursor");
    cursor.setAttribute("x1", x);
    cursor.setAttribute("x2", x);
    cursor.setAttribute("visibility", "visible");
    svg.closest("[data-chart]").querySelector("output").textContent = `${clock.format(new Date(times[row] * 1000))}: ${values.join(", ")}`;
  };

  document.addEventListener("pointermove", (event) => {
    const svg = event.target.closest?.("[data-chart] svg");
    if (svg) {
      const box = svg.getBoundingClientRect();
      tell(svg, Math.round(((event.clientX - box.left) / box.width) * (svg.dataset.times.split(",").length - 1)));
    }
  });

  document.addEventListener("keydown", (event) => {
    const svg = event.target.closest?.("[data-chart] svg");
    const last = svg ? svg.dataset.times.split(",").length - 1 : 0;
    const place = Number(svg?.dataset.place ?? last);
    const to = { ArrowLeft: place - 1, ArrowRight: place + 1, Home: 0, End: last }[event.key];
    if (svg && to !== undefined) {
      event.preventDefault();
      tell(svg, to);
    }
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
  setInterval(() => {
    const live = document.querySelector("[data-live]");
    const offline = document.querySelector("[data-offline]");
    if (offline) {
      offline.hidden = navigator.onLine;
    }

    const isBusy = document.hidden || !navigator.onLine || document.querySelector("main details[open]:not(.menu)") || document.activeElement?.closest("main form, main svg");
    if (live && !isBusy && Date.now() - read >= live.dataset.live * 1000) {
      read = Date.now();
      Blazor.navigateTo(location.href, false, true);
    }
  }, 500);

  showTimes();
  Blazor.start().then(() => Blazor.addEventListener("enhancedload", () => {
    read = Date.now();
    showTimes();
  }));
})();
