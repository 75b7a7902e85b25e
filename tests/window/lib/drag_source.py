#!/usr/bin/python3
"""A small window that offers the files and addresses named on its command line as a real X11 drag."""

import pathlib
import sys

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, Gtk  # noqa: E402  (versions must be named first)

uris = [each if "://" in each else pathlib.Path(each).resolve().as_uri() for each in sys.argv[1:]]
handle = Gtk.EventBox()
handle.add(Gtk.Label(label="drag"))
handle.drag_source_set(Gdk.ModifierType.BUTTON1_MASK, [], Gdk.DragAction.COPY)
handle.drag_source_add_uri_targets()
handle.connect("drag-data-get", lambda _widget, _drag, data, _info, _time: data.set_uris(uris))
handle.connect("drag-end", lambda *_: print("ended", flush=True))

window = Gtk.Window(title="firmdrop-drag-source", type=Gtk.WindowType.POPUP)
window.set_default_size(80, 60)
window.move(1190, 730)
window.add(handle)
window.connect("destroy", Gtk.main_quit)
window.show_all()
print("ready", flush=True)
Gtk.main()
