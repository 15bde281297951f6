// Where a browser ends that began its visit to a provider from no page: shows the one-time code, or
// what went wrong, and takes it out of the address so that no history keeps it.

const parameters = new URLSearchParams(location.search);
history.replaceState(null, '', location.pathname);

const show = (id, text) => { document.getElementById(id).textContent = text; };
const code = parameters.get('code') ?? parameters.get('connection_code');
if (parameters.has('error')) {
  show('title', 'That did not work');
  show('text', parameters.get('error_description') ?? parameters.get('error'));
} else if (code) {
  show('code', code);
} else {
  show('title', 'Nothing to see');
  show('text', 'This page shows the code that a sign-in ends with.');
}
