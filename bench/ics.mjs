// ics_import: how long it takes to read a file of iCalendar.

import { core } from "./calendar_wasm.mjs";
import { icsFile } from "./ics_file.mjs";
import { read } from "./peer/ics.mjs";
import { faster, race } from "./race.mjs";

const PEER = "ical.js";
const FILE_BYTES = 5 * 1024 * 1024;

/** Yields the figure: events a second of five megabytes. */
export async function* ics(_, progress) {
  const { bytes, events } = icsFile({ bytes: FILE_BYTES, days: 730, repeats: 0.15 });
  progress("ics_import, comparing the answers");
  same(bytes, events);
  const times = await race({ ours: () => core.read_ics(bytes), [PEER]: () => read(bytes) }, (text) => progress(`ics_import, ${text}`));
  const { value, peer_value, ...rest } = faster("ics_import", times, "ours", PEER, { events, bytes: bytes.length });
  const rate = (ms) => (events * 1000) / ms;
  yield { ...rest, value: rate(value), unit: "events/s", peer_value: rate(peer_value) };
}

/** Throws where the two sides do not read the same from the file. */
function same(bytes, events) {
  const ours = JSON.parse(core.ics_events(bytes));
  const theirs = read(bytes);
  const at = theirs.findIndex((event, index) => shown(ours[index]) !== shown(event));
  if (at !== -1 || ours.length !== events || theirs.length !== events) {
    throw new Error(`ics_import: ${ours.length} of ours, ${theirs.length} with ${PEER}; number ${at}: ${shown(ours[at])}, ${shown(theirs[at])}`);
  }
}

const shown = ({ uid, start, end, summary, description, location, attendees }) =>
  JSON.stringify([uid, start, end, summary, description, location, attendees.map(({ email }) => email)]);
