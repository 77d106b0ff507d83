"""Turns come in the order in which they were asked for, no more at a time than there are slots."""

import threading

from hypothesis import given, settings
from hypothesis import strategies as st

from lac_analysis.batch.turns import Turn, Turns


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 3), st.lists(st.booleans(), min_size=1, max_size=8), st.randoms())
def test_turns_come_in_order_and_one_given_up_holds_up_nobody(slots, comes, random):
    turns, begun, at_once, most, lock = Turns(slots), [], 0, 0, threading.Lock()
    asked = [turns.ask() for _ in comes]

    def take(number):
        nonlocal at_once, most
        if comes[number]:  # one whose kernel did not start never begins
            asked[number].begin()
            with lock:
                begun.append(number)
                at_once += 1
                most = max(most, at_once)
            with lock:
                at_once -= 1
        asked[number].end()
        asked[number].end()

    threads = [threading.Thread(target=take, args=(number,)) for number in range(len(comes))]
    random.shuffle(threads)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()
    assert most <= slots
    if slots == 1:
        assert begun == [number for number, came in enumerate(comes) if came]
    again = turns.ask()
    again.begin()  # every slot is free again
    assert again.began > 0


def test_a_turn_of_nobody_need_not_wait_and_counts_from_its_beginning():
    turn = Turn()
    assert (turn.began, turn.seconds) == (0, 0)
    turn.begin()
    assert turn.seconds >= 0 and turn.began > 0
    turn.end()
