// Forms that a passkey answers: the browser is asked, and its answer is sent as a field of the form.
document.addEventListener("submit", async (event) => {
  const form = event.target.closest?.("form[data-passkey]");
  if (!form || form.elements.Credential.value) {
    return;
  }

  event.preventDefault();
  const error = form.querySelector("[data-passkey-error]");
  error.hidden = true;
  try {
    const isNew = form.dataset.passkey === "create";
    const options = JSON.parse(form.dataset.options);
    const credential = isNew
      ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
      : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
    form.elements.Credential.value = JSON.stringify(credential.toJSON());
    form.requestSubmit();
  } catch (reason) {
    error.textContent = {
      NotAllowedError: "Nothing was chosen, or it took too long. Try again.",
      InvalidStateError: "This device has a passkey of your account already.",
      SecurityError: "Passkeys belong to another address than this page's.",
    }[reason.name] ?? "Your browser cannot do that with passkeys.";
    error.hidden = false;
  }
});
