// Notices that a show is called off, moved or closed while its page is open. What it says, the server wrote.

// `data` has the facts of the show that the page was made of, and in how many milliseconds its sale ends.
export function watchShow(data) {
  let facts = data.facts, closesAt = Date.now() + data.closes;
  const isAsBefore = now => Object.entries(facts).every(([name, value]) => now[name] === value);

  // Return whether the seats of the page cannot be booked any more. Throws if it cannot be read.
  return async function hasEnded(now) {
    if (isAsBefore(now) && Date.now() < closesAt) return false;
    const response = await fetch(location.href, {headers: {Accept: "text/html"}});
    if (!response.ok) throw new Error(response.statusText);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (!page.querySelector(".show-head")) {  // of a booking that cannot change: its page
      location.assign(response.url);
      return true;
    }
    const closed = page.querySelector(".closed");
    const said = closed ? document.importNode(closed, true) : movedTo(page, facts);
    if (said) end(page, said);
    else ({facts, closesAt} = read(page));
    return said !== null;
  };
}

function read(page) {
  const {facts, closes} = JSON.parse(page.getElementById("show-data").textContent);
  return {facts, closesAt: Date.now() + closes};
}

// A sale may end later; another time or other seats are for the customer to decide about.
function movedTo(page, before) {
  const {facts} = read(page);
  if (facts.starts_at === before.starts_at && facts.seat_plan === before.seat_plan) return null;
  const said = document.getElementById("moved").content.cloneNode(true).firstElementChild;
  const lines = [...page.querySelectorAll(".show-head p")].map(line => line.textContent.trim());
  said.querySelector("p").textContent = lines.join(" · ");
  return said;
}

function end(page, said) {
  const gone = document.querySelectorAll("#choose, .best");
  if (!gone.length) return;  // told
  const hadFocus = [...gone].some(part => part.contains(document.activeElement));
  document.title = page.title;
  document.querySelector(".show-head").replaceWith(document.importNode(page.querySelector(".show-head"), true));
  document.getElementById("change").replaceChildren(said);
  for (const part of gone) part.remove();
  if (!hadFocus) return;
  const heading = said.querySelector("h2");
  heading.tabIndex = -1;
  heading.focus();
}
