"""A pass that waits for a telephone lends its slot; one that works does not."""

from runtime.patience import Patience, of_this_pass, one_pass


def test_a_phone_that_lives_lends_nothing() -> None:
    """Answers come within tenths of a second: the slot stays with the pass."""
    patience = Patience(lent_after_s=3600)
    with patience.call():
        assert not patience.lends
    assert not patience.lends


def test_a_long_call_lends_until_it_is_over() -> None:
    """Of several calls side by side the last one ends it."""
    patience = Patience(lent_after_s=0)
    seen = [patience.lends]
    with patience.call():
        with patience.call():
            seen.append(patience.lends)
        seen.append(patience.lends)
    seen.append(patience.lends)
    assert seen == [False, True, True, False]


def test_after_a_failed_try_the_pass_lends_to_its_end() -> None:
    """What is left of it is seconds of waiting between tries."""
    patience = Patience(lent_after_s=3600)
    patience.try_again()
    assert patience.lends


def test_each_pass_has_its_own() -> None:
    """One that is told of by another thread's pass would lend a slot that is at work."""
    mine = Patience()
    with one_pass(mine):
        assert of_this_pass() is mine
    assert of_this_pass() is not mine
