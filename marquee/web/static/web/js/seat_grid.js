// The table of seats as a grid: one Tab stop, and arrow keys in two dimensions. The form works without this file.

// What has the focus in a cell: its checkbox, or the cell of a seat that is taken.
const stopOf = cell => cell.querySelector("input") ?? (cell.dataset.seat ? cell : null);

export function makeGrid(table) {
  const rows = [...table.tBodies[0].rows].map(row => [...row.cells].slice(1));
  const stops = () => rows.flat().map(stopOf).filter(Boolean);
  let current = null;

  function stopAt(stop) {
    if (current) current.tabIndex = -1;
    current = stop;
    if (current) current.tabIndex = 0;
  }

  function next(y, x, [down, right]) {
    for (y += down, x += right; rows[y]?.[x]; y += down, x += right) {
      const stop = stopOf(rows[y][x]);
      if (stop) return stop;
    }
    return null;
  }

  function target(event) {
    const cell = event.target.closest("td");
    const y = rows.findIndex(row => row.includes(cell));
    if (y < 0) return null;
    const x = rows[y].indexOf(cell);
    const all = event.ctrlKey || event.metaKey ? stops() : rows[y].map(stopOf).filter(Boolean);
    switch (event.key) {
      case "ArrowUp": return next(y, x, [-1, 0]);
      case "ArrowDown": return next(y, x, [1, 0]);
      case "ArrowLeft": return next(y, x, [0, -1]);
      case "ArrowRight": return next(y, x, [0, 1]);
      case "Home": return all[0];
      case "End": return all.at(-1);
      default: return null;
    }
  }

  table.addEventListener("keydown", event => {
    if (event.altKey) return;
    const stop = target(event);
    if (!stop && !event.key.startsWith("Arrow")) return;
    event.preventDefault();
    if (!stop) return;
    stopAt(stop);
    stop.focus({preventScroll: true});
    stop.closest("td").scrollIntoView({block: "nearest", inline: "nearest"});
  });
  table.addEventListener("focusin", event => {
    const stop = stopOf(event.target.closest("td") ?? document.createElement("td"));
    if (stop && stop !== current) stopAt(stop);
  });

  table.setAttribute("role", "grid");
  for (const stop of stops()) stop.tabIndex = -1;
  stopAt(table.querySelector("input:checked") ?? table.querySelector("input") ?? stops()[0]);

  // Keep the Tab stop, and the focus, when the seat of a cell was drawn anew.
  return function redrawn(cell, hadFocus) {
    const stop = stopOf(cell);
    if (stop !== cell) cell.removeAttribute("tabindex");
    stop.tabIndex = -1;
    if (current?.isConnected && !cell.contains(current)) return;
    current = stop;
    stop.tabIndex = 0;
    if (hadFocus) stop.focus({preventScroll: true});
  };
}
