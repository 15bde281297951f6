// Where a browser ends that began its visit to a provider from no page: shows the one-time code, or
// that there is none, and takes it out of the address so that no history keeps it. Only texts of
// this page are shown: anybody can make up an address.

const parameters = new URLSearchParams(location.search);
history.replaceState(null, '', location.pathname);

const show = (id, text) => { document.getElementById(id).textContent = text; };
const isPlain = (text, pattern) => text !== null && pattern.test(text);
const code = parameters.get('code') ?? parameters.get('connection_code');
const error = parameters.get('error');
if (isPlain(code, /^[A-Za-z0-9_-]{43}$/)) {
  show('code', code);
} else if (isPlain(error, /^[a-z_]{1,40}$/)) {
  show('title', 'That did not work');
  show('text', 'Nothing was changed. Begin again in the program that you came from; it, or the '
    + 'documentation under "Signing in", tells what this means:');
  show('code', error);
} else {
  show('title', 'Nothing to see');
  show('text', 'This page shows the code that a sign-in ends with.');
}
