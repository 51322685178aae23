"""The studio: a web app that repaints photos, for one person or for a class.

`app` puts it together, and `serving` runs it. `guards` decides who may ask for what, by
the plain `rules` that lesson 16 builds. `forms` turns the settings into a form and
back, `pictures` finds the pictures, `jobs` has the queue, and `history` remembers. The
painting itself is done in another process; see `nstlib.worker`.
"""
