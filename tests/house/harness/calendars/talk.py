"""python-caldav against a server: finds the calendars, reads the visits, keeps an event of its own and removes it again.

talk.py ROOT USER PASSWORD VISITS; ends with an error where anything is not as it should be.
"""

import sys
from datetime import datetime, timezone

import caldav

root, user, password, visits = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
client = caldav.DAVClient(url=root, username=user, password=password)
calendars = {str(found.url).rstrip("/").rsplit("/", 1)[-1]: found for found in client.principal().calendars()}
assert sorted(calendars) == ["busy", "held"], calendars
held, busy = calendars["held"], calendars["busy"]

july = dict(start=datetime(2027, 7, 1, tzinfo=timezone.utc), end=datetime(2027, 8, 1, tzinfo=timezone.utc))
assert len(held.search(event=True, **july)) == visits
assert len(held.events()) == visits
synced = held.objects(load_objects=True)
assert len(list(synced)) == visits

event = busy.save_event(
    uid="python-caldav", summary="Dentist",
    dtstart=datetime(2027, 7, 6, 15, tzinfo=timezone.utc), dtend=datetime(2027, 7, 6, 16, tzinfo=timezone.utc),
)
assert len(busy.search(event=True, **july)) == 1
busy.event_by_uid("python-caldav").delete()
assert busy.events() == []
print("talked")
