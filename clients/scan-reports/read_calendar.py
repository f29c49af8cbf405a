"""Reads a calendar as any program for calendars would, and says what is in it as JSON."""

import json
import sys

import icalendar


def read(path):
    with open(path, "rb") as file:
        calendar = icalendar.Calendar.from_ical(file.read())
    broken = [str(error) for component in calendar.walk() for error in component.errors]
    events = [
        {
            "uid": str(event["UID"]),
            "summary": str(event["SUMMARY"]),
            "description": str(event["DESCRIPTION"]),
            "begins": event["DTSTART"].dt.isoformat(),
            "ends": event["DTEND"].dt.isoformat(),
            "alarms": len(event.walk("VALARM")),
        }
        for event in calendar.walk("VEVENT")
    ]
    return {"broken": broken, "version": str(calendar["VERSION"]), "events": events}


print(json.dumps(read(sys.argv[1])))
