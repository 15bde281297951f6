// The page behind the link of a reset message. The token stands in the fragment, which a browser
// sends nowhere; it is taken out of the address bar at once and leaves only in the form's request.
const token = new URLSearchParams(location.hash.slice(1)).get("token");
history.replaceState(null, "", location.pathname);

const form = document.getElementById("form");
const outcome = document.getElementById("outcome");
const say = (text) => {
  outcome.textContent = text;
};
const done = (text) => {
  form.hidden = true;
  say(text);
};

if (!token) done("This link is not complete. Open the one from the message.");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const password = form.elements.password.value;
  if (password !== form.elements.again.value) return say("The two are not the same.");
  const button = form.querySelector("button");
  button.disabled = true;
  say("");
  try {
    const response = await fetch("/api/v1/auth/password/reset/confirm", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token, new_password: password }),
    });
    if (response.status === 204) return done("The password is set. Sign in with it on your devices.");
    const problem = await response.json();
    if (problem.code === "invalid_reset_token") return done(problem.detail);
    say(problem.errors?.map(({ message }) => `The password ${message}.`).join(" ") ?? problem.detail);
  } catch {
    say("The service does not answer. Try again shortly.");
  } finally {
    button.disabled = false;
  }
});
