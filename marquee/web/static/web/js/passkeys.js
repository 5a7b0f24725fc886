// Make and use passkeys (WebAuthn): what the browser answers goes into a hidden field of the form.

const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
const known = (credentials = []) => credentials.map((one) => ({ ...one, id: bytes(one.id) }));

async function make(question) {
  const publicKey = {
    ...question,
    challenge: bytes(question.challenge),
    user: { ...question.user, id: bytes(question.user.id) },
    excludeCredentials: known(question.excludeCredentials),
  };
  const made = await navigator.credentials.create({ publicKey });
  return answer(made, {
    attestationObject: text(made.response.attestationObject),
    transports: made.response.getTransports?.() ?? [],
  });
}

async function use(question) {
  const publicKey = {
    ...question,
    challenge: bytes(question.challenge),
    allowCredentials: known(question.allowCredentials),
  };
  const used = await navigator.credentials.get({ publicKey });
  return answer(used, {
    authenticatorData: text(used.response.authenticatorData),
    signature: text(used.response.signature),
  });
}

function answer(credential, response) {
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response: { clientDataJSON: text(credential.response.clientDataJSON), ...response },
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

for (const form of document.querySelectorAll("[data-passkey]")) {
  const failure = form.querySelector("[data-failure]");
  if (!window.PublicKeyCredential) {
    continue; // the form says what else there is
  }
  form.querySelector("[data-unable]")?.remove();
  form.querySelector("button").hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    failure.hidden = true;
    const ask = form.dataset.passkey === "make" ? make : use;
    try {
      form.elements.passkey.value = JSON.stringify(await ask(JSON.parse(form.dataset.question)));
      form.submit();
    } catch {
      failure.hidden = false; // dismissed, or too late, or no such passkey here
    }
  });
}
