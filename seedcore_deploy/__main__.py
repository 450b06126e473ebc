"""`python -m seedcore_deploy`."""

import sys

from seedcore_deploy.cli import main

sys.exit(main())
