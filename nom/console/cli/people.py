"""`nom people`: who can act on the embedded stack, and in which role."""

from nom.console.cli.options import AsJson, paper, print_json, table
from nom.console.people import directory


def people_command(as_json: AsJson = False) -> None:
    """List the people who can act, with their roles.

    References only: nobody here exists.
    """
    people = sorted(directory().values(), key=lambda person: (person.role, person.id))
    if as_json:
        print_json([person.model_dump(mode="json") for person in people])
        return
    shown = table(None, "person", "role", "agency", "rank", "force")
    for person in people:
        rank = str(person.rank or "").replace("_", " ")
        shown.add_row(person.id, person.role, person.agency, rank, person.force or "the case's")
    paper().print(shown)
