// Offer to show a password while it is typed. Without JavaScript it is typed twice instead.

for (const offer of document.querySelectorAll("[data-show]")) {
  const field = document.getElementById(offer.dataset.show);
  const box = offer.querySelector("input");
  offer.hidden = false;
  box.addEventListener("change", () => {
    field.type = box.checked ? "text" : "password";
  });
  field.form.addEventListener("submit", () => {
    field.type = "password"; // browsers remember what is typed into a text field
  });
}
