"""`python -m coldtrail_testbed.templates` writes the SAM templates; `--code` also what they deploy."""

import argparse
from pathlib import Path

from coldtrail_testbed.applications import APPLICATIONS
from coldtrail_testbed.applications.model import Application
from coldtrail_testbed.templates.document import as_yaml, template
from coldtrail_testbed.templates.functions import CODE_FOLDER
from coldtrail_testbed.templates.source_code import copy_code


def main(arguments: list[str] | None = None) -> None:
    """None; the files are written and named."""
    parser = argparse.ArgumentParser(prog="python -m coldtrail_testbed.templates", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("deploy/testbed"))
    parser.add_argument("--code", action="store_true", help="write the handlers' code beside the templates")
    options = parser.parse_args(arguments)
    for name, application in APPLICATIONS.items():
        folder = options.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "template.yaml").write_text(as_yaml(template(application)))
        print(folder / "template.yaml")
        if options.code:
            copy_code(handlers_of(application), folder / CODE_FOLDER)
            print(folder / CODE_FOLDER)


def handlers_of(application: Application) -> list[str]:
    """The handlers of all functions, their next versions and the later functions included."""
    functions = (*application.functions, *application.later)
    return [function.handler for function in functions] + list(application.releases.values())


if __name__ == "__main__":
    main()
