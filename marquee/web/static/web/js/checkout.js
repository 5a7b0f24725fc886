// Count the time of a hold down, from what the server says is left, and say it at 5, 2 and 1 minutes.

const box = document.querySelector("[data-seconds]");

if (box) {
  const end = Date.now() + box.dataset.seconds * 1000;
  const clock = box.querySelector("[data-clock]");
  const voice = document.getElementById("spoken");
  const texts = [...voice.querySelectorAll("data")].map((one) => [Number(one.value), one.textContent]);
  voice.textContent = "";
  voice.hidden = false;
  let last = Number(box.dataset.seconds);

  const show = () => {
    const left = Math.max(0, Math.round((end - Date.now()) / 1000));
    clock.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    box.classList.toggle("late", left < 60);
    box.classList.toggle("over", left === 0);
    // A sleeping computer passes several of them: only the last one counts.
    const passed = texts.filter(([seconds]) => left <= seconds && seconds < last);
    if (passed.length) voice.textContent = passed.at(-1)[1];
    last = left;
    if (left === 0) clearInterval(timer);
  };
  const timer = setInterval(show, 1000);
  show();
}

// The page that the browser kept for "Back" may be of a hold that has ended.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
