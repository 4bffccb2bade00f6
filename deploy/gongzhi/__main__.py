"""`python -m deploy.gongzhi`."""

import sys

from deploy.gongzhi import main

sys.exit(main())
