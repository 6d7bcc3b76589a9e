import pytest

from facade.plan import consents


@pytest.mark.parametrize("words", ["yes", "Yes!", " OK. ", "go ahead", "yes, please", "好的。", "确认", "“yes”"])
def test_a_plain_yes_consents(words: str) -> None:
    assert consents(words) is True


@pytest.mark.parametrize(
    "words", ["no", "No, thanks", "don't", "don\u2019t", "never mind", "nevermind", "取消", "不要!"]
)
def test_a_plain_no_declines(words: str) -> None:
    assert consents(words) is False


@pytest.mark.parametrize(
    "words", ["", "yes but later", "yesterday", "not yes", "ok who", "no 5", "是不是", "y n", "sure?? no"]
)
def test_anything_else_is_neither(words: str) -> None:
    assert consents(words) is None
