"""`python -m harness` is `symhil`: it works where a moved environment has broken the script."""

import sys

from harness.cli import main

sys.exit(main())
