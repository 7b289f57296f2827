"""The diary as it is looked at: from rows to plain values, in eight or nine queries.

`asked` says which view is meant, `reading` fetches its rows; `entries` puts each
appointment into words (`words`, `flags`). `columns`, `blocks`, `off` and `frame` are
the grid, `feed` the grid as data; `agenda` and `sheet` are the same day as lists.
Nothing is decided here: whoever books asks the services that judge.
"""
