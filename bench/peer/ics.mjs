// A file of iCalendar read with ical.js, as somebody careful would: parsed once, each event with what
// a calendar keeps of it.

import ICAL from "ical.js";

const decoder = new TextDecoder();

/** The events of a file, in its order. */
export function read(bytes) {
  const file = new ICAL.Component(ICAL.parse(decoder.decode(bytes)));
  return file.getAllSubcomponents("vevent").map((component) => {
    // Without being told, it looks through the whole file for each event's exceptions.
    const event = new ICAL.Event(component, { exceptions: [] });
    const text = (name) => component.getFirstPropertyValue(name);
    return {
      uid: event.uid,
      replaces: event.recurrenceId === null ? null : instant(event.recurrenceId),
      start: instant(event.startDate),
      end: instant(event.endDate),
      summary: event.summary ?? "",
      description: event.description ?? "",
      location: event.location ?? "",
      status: text("status"),
      transparency: text("transp"),
      sequence: event.sequence,
      rule: text("rrule"),
      except: component.getAllProperties("exdate").flatMap((property) => property.getValues().map(instant)),
      organizer: event.organizer,
      attendees: event.attendees.map((property) => ({
        email: property.getFirstValue().replace(/^mailto:/i, ""),
        name: property.getFirstParameter("cn"),
        response: property.getFirstParameter("partstat"),
      })),
      reminders: component.getAllSubcomponents("valarm").map((alarm) => alarm.getFirstPropertyValue("trigger").toSeconds() / -60),
      changed: instant(text("last-modified")),
    };
  });
}

/** The milliseconds since 1970 of a time in its zone; a day begins with its midnight in UTC. */
function instant(time) {
  return time.toUnixTime() * 1000;
}
