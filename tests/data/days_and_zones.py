"""Makes days_and_zones.txt beside it: what Python's zoneinfo says about the days around the changes of the clocks in 2026."""
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

ZONES = ["Europe/Berlin", "America/Los_Angeles", "Pacific/Kiritimati", "Asia/Kathmandu"]
CHANGES = [date(2026, 3, 8), date(2026, 3, 29), date(2026, 10, 25), date(2026, 11, 1)]
WALL = {(0, 0), (1, 30), (2, 0), (2, 30), (3, 0), (3, 30), (23, 30)}


def lines():
    for zone in ZONES:
        there = ZoneInfo(zone)
        for change in CHANGES:
            due = change + timedelta(days=10)
            now = datetime(change.year, change.month, change.day, tzinfo=timezone.utc) - timedelta(hours=16)
            for _ in range(60 * 4):
                wall = now.astimezone(there)
                if wall.date() == change and (wall.hour, wall.minute) in WALL or wall.date() < change and (wall.hour, wall.minute) == (23, 30):
                    yield f"now {zone} {now:%Y-%m-%dT%H:%M:%SZ} {wall:%H:%M} {wall.date()} {due} {(due - wall.date()).days}"
                now += timedelta(minutes=15)
            for offset in range(-2, 3):
                day = change + timedelta(days=offset)
                begins = datetime(day.year, day.month, day.day, tzinfo=there).astimezone(timezone.utc)
                six = datetime(day.year, day.month, day.day, 6, tzinfo=timezone.utc)
                yield f"step {zone} {day} {max(begins, six):%Y-%m-%dT%H:%M:%SZ}"


Path(__file__).with_suffix(".txt").write_text("\n".join(lines()) + "\n")
