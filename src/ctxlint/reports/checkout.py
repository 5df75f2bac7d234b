"""Which directory a code host takes paths to be relative to: that of its checkout.

A job may run ctxlint in a directory of its checkout, and the host would then look for `app.py`
where there is none.
"""

from __future__ import annotations

import os
from typing import Final

# https://docs.github.com/en/actions/reference/workflows-and-actions/variables
# https://docs.gitlab.com/ci/variables/predefined_variables/
_VARIABLES: Final = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")


def checkout_around(directory: str) -> str:
    """Return the host's checkout if a directory lies in it, else the directory itself."""
    here = os.path.realpath(directory)
    for variable in _VARIABLES:
        named = os.environ.get(variable)
        if named and os.path.isabs(named):
            root = os.path.realpath(named)
            if here == root or here.startswith(root.rstrip(os.sep) + os.sep):
                return root.replace(os.sep, "/")
    return directory
