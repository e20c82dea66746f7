"""A pack in which roles may give commands that the published pack does not list for them yet."""

from nom.contracts.policy.pack import PolicyPack


def allowing(policy: PolicyPack, **commands: tuple[str, ...]) -> PolicyPack:
    """The pack, and in it each named role with these commands as well as its own."""
    content = policy.model_dump(mode="json")
    for rule in content["roles"]:
        added = commands.get(rule["role"], ())
        rule["commands"] += [command for command in added if command not in rule["commands"]]
    return PolicyPack.model_validate(content)
