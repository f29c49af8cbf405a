"""LangChain's standard tests of chat models, over the models of both SDKs: each test by name."""

import os
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from limits import limits_of

DIALECT = os.environ["TIERGATE_DIALECT"]
UPSTREAM = os.environ["TIERGATE_UPSTREAM"]
# Some of what the libraries do is done with a warning.
QUIET = ["-q", "--no-header", "--no-summary", "-p", "no:cacheprovider", "-p", "no:warnings"]


class Account:
    """Marks the tests that are known to fail, and tells how each one ended."""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Marks them; one that then passes is a failure, so that none stays marked for nothing."""
        known = limits_of(DIALECT, UPSTREAM)
        for item in items:
            reason = known.get(item.name.split("[")[0])
            if reason:
                item.add_marker(pytest.mark.xfail(reason=reason, strict=True))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Tells how a test ended, in a line."""
        if report.when != "call" and report.passed:
            return
        name = report.nodeid.rsplit("::", 1)[-1]
        why = ""
        if hasattr(report, "wasxfail"):
            outcome, why = "xfailed", report.wasxfail
        elif report.skipped:
            outcome, why = "skipped", report.longrepr[2].removeprefix("Skipped: ")
        elif report.failed:
            outcome, why = "failed", said_by(report)
        else:
            outcome = "passed"
        print(f"\ncase {outcome} {name}: {' '.join(why.split())}", flush=True)


def said_by(report: pytest.TestReport) -> str:
    """Tells what a failure says of itself."""
    crash = getattr(report.longrepr, "reprcrash", None)
    return (crash.message if crash else report.longreprtext)[:300]


print("version", version("langchain-tests"))
cases = Path(__file__).with_name("cases.py")
# The models keep their connections from test to test, so all tests stand in one loop.
LOOP = ["-o", "asyncio_mode=auto", "-o", "asyncio_default_test_loop_scope=session"]
sys.exit(pytest.main([str(cases), *QUIET, *LOOP], plugins=[Account()]))
