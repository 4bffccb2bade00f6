"""What notices say: one plain text per event, `<event name>.txt`, first line the title, then the body.

A text sees `event` (its public fields), `title` (the item's, on one line) and `community` (its name).
"""

from services.notifications.letters.letter import Letter, compose

__all__ = ["Letter", "compose"]
