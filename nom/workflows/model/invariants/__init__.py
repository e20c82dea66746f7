"""The twenty-five invariants of the operating model, judged over what was recorded. Enforces none of them."""
