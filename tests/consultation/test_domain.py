"""The rules of the roll and of polls."""

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.consultation.domain import (
    Community,
    Link,
    Poll,
    Tally,
    draw,
    grid_for_roll,
    least_sample,
    normalised,
    number_for_roll,
    percent,
    read_token,
    sample_size,
    write_token,
)
from services.consultation.domain.sampling import lot
from services.contracts.consultation.errors import (
    GridNotInCommunity,
    IdentityNumberInvalid,
    LinkInvalid,
    PollClosedAlready,
    TooYoungForRoll,
)
from services.contracts.consultation.terms import PollStatus, Satisfaction

TODAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
KEY = bytes(range(32))
SEED = "00112233445566778899aabbccddeeff"

# Born in 1900: nobody alive holds these. The last is the sample printed in GB 11643-1999 itself.
POSSIBLE = [
    "231102190001010019",
    "231102190001010035",
    "23110219000101006X",
    "231183190001010025",
    "232601190001010010",
    "11010519491231002X",
]


class TestIdentityNumber:
    @pytest.mark.parametrize("number", POSSIBLE)
    def test_a_number_by_the_standard_is_accepted(self, number: str) -> None:
        assert normalised(number, today=TODAY) == number

    def test_a_place_that_existed_only_before_1993_is_accepted(self) -> None:
        assert normalised("232601190001010010", today=TODAY)

    def test_the_small_x_and_spaces_around_are_put_right(self) -> None:
        assert normalised(" 23110219000101006x ", today=TODAY) == "23110219000101006X"

    def test_a_number_of_fifteen_digits_gets_its_century_and_check_character(self) -> None:
        assert normalised("231102000101001", today=TODAY) == "231102190001010019"

    def test_a_day_that_1900_did_not_have_is_refused(self) -> None:
        with pytest.raises(IdentityNumberInvalid, match="出生日期不存在"):
            normalised("231102190002290016", today=TODAY)

    @pytest.mark.parametrize("number", POSSIBLE)
    def test_any_other_check_character_is_refused(self, number: str) -> None:
        for other in set("0123456789X") - {number[-1]}:
            with pytest.raises(IdentityNumberInvalid, match="校验码"):
                normalised(number[:-1] + other, today=TODAY)

    @given(st.sampled_from(POSSIBLE), st.integers(0, 15))
    def test_two_neighbouring_digits_exchanged_are_noticed(self, number: str, place: int) -> None:
        digits = list(number)
        digits[place], digits[place + 1] = digits[place + 1], digits[place]
        changed = "".join(digits)

        if changed != number:
            with pytest.raises(IdentityNumberInvalid):
                normalised(changed, today=TODAY)

    @pytest.mark.parametrize(
        "number",
        [
            "",
            "23110219000101001",
            "2311021900010100191",
            "2311021900O1010019",
            "X31102190001010019",
            "２３１１０２１９０００１０１００１９",
        ],
    )
    def test_another_shape_is_refused(self, number: str) -> None:
        with pytest.raises(IdentityNumberInvalid, match="18 位"):
            normalised(number, today=TODAY)

    def test_a_birth_after_today_is_refused(self) -> None:
        with pytest.raises(IdentityNumberInvalid, match="还没有到"):
            normalised("231102190001010019", today=date(1899, 12, 31))

    def test_a_hundred_and_thirty_years_are_possible_and_one_more_is_not(self) -> None:
        assert normalised("231102190001010019", today=date(2030, 12, 31))

        with pytest.raises(IdentityNumberInvalid, match="超过 130 年"):
            normalised("231102190001010019", today=date(2031, 1, 1))

    def test_a_refusal_never_repeats_the_number(self) -> None:
        with pytest.raises(IdentityNumberInvalid) as refused:
            normalised("231102190001010018", today=TODAY)

        assert "231102" not in refused.value.message


class TestRoll:
    def test_the_roll_begins_on_the_eighteenth_birthday(self) -> None:
        assert number_for_roll("231102190001010019", today=date(1918, 1, 1))

        with pytest.raises(TooYoungForRoll):
            number_for_roll("231102190001010019", today=date(1917, 12, 31))

    def test_a_grid_begins_with_the_code_of_its_community(self) -> None:
        community = Community(
            community_id=uuid4(), code="231102001001", community_name="花园社区", facts_at=NOON
        )

        assert grid_for_roll("231102001001007", community=community) == "231102001001007"
        assert grid_for_roll("", community=community) == ""
        with pytest.raises(GridNotInCommunity, match="231102001001"):
            grid_for_roll("231102001002007", community=community)


class TestSampling:
    @pytest.mark.parametrize(
        ("beneficiaries", "least"), [(1, 30), (600, 30), (601, 31), (620, 31), (621, 32), (10_000, 500)]
    )
    def test_the_least_sample_is_thirty_or_five_percent_rounded_up(
        self, beneficiaries: int, least: int
    ) -> None:
        assert least_sample(beneficiaries) == least

    def test_twice_as_many_are_asked_as_are_needed_but_never_more_than_there_are(self) -> None:
        assert sample_size(eligible=1000, least=30) == 60
        assert sample_size(eligible=45, least=30) == 45
        assert sample_size(eligible=0, least=30) == 0

    @given(st.sets(st.uuids(), max_size=60), st.binary(min_size=16, max_size=32), st.integers(0, 70))
    def test_anybody_can_draw_the_same_sample_again(self, roll: set[UUID], seed: bytes, size: int) -> None:
        drawn = draw(sorted(roll), seed=seed.hex(), size=size)

        assert drawn == draw(sorted(roll, reverse=True), seed=seed.hex(), size=size)
        assert len(drawn) == len(set(drawn)) == min(size, len(roll))
        assert set(drawn) <= roll

    def test_the_lot_is_computed_as_it_is_documented(self) -> None:
        resident_id = UUID("01900000-0000-7000-8000-000000000001")

        # printf '%s' <seed><id> | xxd -r -p | sha256sum
        assert lot(resident_id, seed=SEED).hex().startswith("5b2fa0e19a2b650b6984a8e4ecc3826f")

    def test_everybody_is_drawn_about_equally_often(self) -> None:
        roll = [UUID(int=number) for number in range(20)]
        times = dict.fromkeys(roll, 0)

        for seed in range(2000):
            for drawn in draw(roll, seed=f"{seed:032x}", size=5):
                times[drawn] += 1

        # Expected 500 each; six standard deviations are 116. The seeds are fixed, so this never flickers.
        assert all(384 < drawn < 616 for drawn in times.values())


class TestTally:
    def test_the_example_of_the_rules(self) -> None:
        tally = Tally(counted(20, 10, 6, 3, 1))

        assert tally.answered == 40
        assert tally.satisfaction_percent == Decimal("90.00")
        assert tally.bad_percent == Decimal("10.00")
        assert tally.score == Decimal("81.25")

    def test_without_answers_there_is_no_rate_and_no_score(self) -> None:
        tally = Tally({})

        assert tally.answered == 0
        assert tally.satisfaction_percent is tally.bad_percent is tally.score is None

    def test_a_half_of_the_last_decimal_is_rounded_up(self) -> None:
        assert percent(1, 3) == Decimal("33.33")
        assert percent(2, 3) == Decimal("66.67")
        assert percent(1, 8) == Decimal("12.50")
        assert percent(1, 20_000) == Decimal("0.01")  # 0.005 exactly
        assert percent(5, 20_000) == Decimal("0.03")  # 0.025 exactly

    @given(st.lists(st.sampled_from(Satisfaction)))
    def test_the_tally_equals_the_slow_and_obvious_count(self, answers: list[Satisfaction]) -> None:
        tally = Tally({grade: answers.count(grade) for grade in Satisfaction})

        good = [answer for answer in answers if answer in ("very_satisfied", "satisfied", "fairly_satisfied")]
        worth = {"very_satisfied": 100, "satisfied": 80, "fairly_satisfied": 60, "dissatisfied": 30}
        points = sum(worth.get(answer, 0) for answer in answers)
        assert tally.answered == len(answers)
        assert tally.satisfaction_percent == slowly(Fraction(100 * len(good), len(answers) or 1), answers)
        assert tally.bad_percent == slowly(
            Fraction(100 * (len(answers) - len(good)), len(answers) or 1), answers
        )
        assert tally.score == slowly(Fraction(points, len(answers) or 1), answers)


class TestLink:
    @given(st.uuids(), st.uuids())
    def test_a_written_token_is_read_back(self, poll_id: UUID, invitation_id: UUID) -> None:
        link = Link(poll_id=poll_id, invitation_id=invitation_id)

        assert read_token(write_token(link, key=KEY), key=KEY) == link

    def test_a_token_is_64_characters_that_need_no_escaping_in_a_url(self) -> None:
        token = write_token(Link(poll_id=uuid4(), invitation_id=uuid4()), key=KEY)

        assert len(token) == 64
        assert token.replace("-", "").replace("_", "").isalnum()

    @given(st.integers(0, 63), st.sampled_from("ABCXYZabcxyz0189-_+/= 共"))
    def test_a_changed_token_is_refused(self, place: int, character: str) -> None:
        token = write_token(Link(poll_id=UUID(int=1), invitation_id=UUID(int=2)), key=KEY)
        changed = token[:place] + character + token[place + 1 :]

        if changed != token:
            with pytest.raises(LinkInvalid):
                read_token(changed, key=KEY)

    def test_a_token_signed_with_another_key_is_refused(self) -> None:
        token = write_token(Link(poll_id=uuid4(), invitation_id=uuid4()), key=bytes(32))

        with pytest.raises(LinkInvalid):
            read_token(token, key=KEY)

    @given(st.text(max_size=80))
    def test_rubbish_is_refused(self, token: str) -> None:
        with pytest.raises(LinkInvalid):
            read_token(token, key=KEY)


class TestPoll:
    def test_closing_tells_the_result(self) -> None:
        poll = make_poll(sampled=60, least_sample=30)

        told = poll.close(counted(20, 10, 6, 3, 1), now=NOON + timedelta(days=7))

        assert (told.sampled, told.answered) == (60, 40)
        assert (told.satisfaction_percent, told.score) == (Decimal("90.00"), Decimal("81.25"))
        assert told.is_sample_sufficient
        assert poll.status is PollStatus.CLOSED
        assert poll.version == 2

    def test_a_poll_is_closed_once(self) -> None:
        poll = make_poll()
        poll.close({}, now=NOON)

        with pytest.raises(PollClosedAlready):
            poll.close({}, now=NOON)

    def test_too_few_answers_are_said_to_be_too_few(self) -> None:
        assert not make_poll(least_sample=30).close(counted(29, 0, 0, 0, 0), now=NOON).is_sample_sufficient
        assert make_poll(least_sample=30).close(counted(30, 0, 0, 0, 0), now=NOON).is_sample_sufficient

    def test_a_poll_nobody_answered_has_no_score(self) -> None:
        told = make_poll().close({}, now=NOON)

        assert (told.answered, told.satisfaction_percent, told.score) == (0, None, None)

    def test_the_counts_stay_unknown_until_closing(self) -> None:
        poll = make_poll()
        assert poll.tally is None

        poll.close(counted(1, 0, 0, 0, 2), now=NOON)

        assert poll.tally == Tally(counted(1, 0, 0, 0, 2))

    def test_a_poll_is_open_until_its_deadline_exactly(self) -> None:
        poll = make_poll(closes_at=NOON)

        assert poll.is_open(now=NOON - timedelta(microseconds=1))
        assert not poll.is_open(now=NOON)

    def test_turnout_counts_those_who_answered_among_those_asked(self) -> None:
        assert make_poll(sampled=60).turnout_percent(40) == Decimal("66.67")
        assert make_poll(sampled=0).turnout_percent(0) is None


def counted(*numbers: int) -> dict[Satisfaction, int]:
    return dict(zip(Satisfaction, numbers, strict=True))


def slowly(value: Fraction, answers: list[Satisfaction]) -> Decimal | None:
    if not answers:
        return None
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def make_poll(
    *, sampled: int = 60, least_sample: int = 30, closes_at: datetime = NOON + timedelta(days=7)
) -> Poll:
    return Poll(
        poll_id=uuid4(),
        item_id=uuid4(),
        community_id=uuid4(),
        title="楼道照明维修",
        seed=SEED,
        sampled=sampled,
        least_sample=least_sample,
        opened_at=NOON,
        closes_at=closes_at,
    )
