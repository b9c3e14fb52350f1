"""A call obeys TwiML as the platform does: each rule by name."""

from __future__ import annotations

import io
import wave

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hotline.simulator.leg import STATUS_AT_END, Ending, Program
from hotline.simulator.line import APOLOGY, DOCUMENTS_WITHOUT_INPUT, SOUND_TYPES
from hotline.simulator.server import Simulator
from hotline.simulator.telephone import Telephone
from tests.simulator.far_side import CALLER, LINE, OPERATOR, PUBLIC, SID, TOKEN, FarSide, a, far_side


def gather(attributes: str = "", inside: str = "<Say>Question</Say>", action: str = "/answer") -> str:
    return f'<Gather action="{a(action)}" {attributes}>{inside}</Gather>'


def echo(form: dict[str, str]) -> str:
    heard = {name: form[name] for name in ("Digits", "SpeechResult", "Confidence") if name in form}
    return f"<Say>{heard or 'nothing'}</Say>"


@pytest.fixture(autouse=True)
def no_complaints(platform: Simulator) -> object:
    """Unless a test says otherwise, nothing here is a violation."""
    yield
    assert platform.violations == []


class TestGather:
    def test_enough_digits_submit_at_once(self, far: FarSide, phone: Telephone) -> None:
        far.on("/voice/incoming", gather('numDigits="1"')).on("/answer", echo)
        call = phone.dial(LINE).says("question").press("1").says("{'Digits': '1'}")
        assert far.last("/answer")["CallStatus"] == "in-progress"
        assert call.ended

    def test_the_finishing_key_submits_without_itself(self, far: FarSide, phone: Telephone) -> None:
        far.on("/voice/incoming", gather()).on("/answer", echo)
        phone.dial(LINE).press("626#").says("{'Digits': '626'}")
        assert far.last("/answer")["FinishedOnKey"] == "#"

    def test_keys_without_an_end_wait_for_the_time_out(self, far: FarSide, phone: Telephone) -> None:
        far.on("/voice/incoming", gather()).on("/answer", echo)
        call = phone.dial(LINE).press("62")
        assert far.at("/answer") == []
        assert call.waiting_for is not None
        assert call.waiting_for["keys"] == "62"
        call.press("6").wait().says("{'Digits': '626'}")

    def test_leading_zeros_and_stars_are_data(self, far: FarSide, phone: Telephone) -> None:
        far.on("/voice/incoming", gather()).on("/answer", echo)
        phone.dial(LINE).press("0*0#").says("{'Digits': '0*0'}")

    def test_another_finishing_key_makes_the_hash_data(self, far: FarSide, phone: Telephone) -> None:
        far.on("/voice/incoming", gather('finishOnKey="*"')).on("/answer", echo)
        phone.dial(LINE).press("1#2*").says("{'Digits': '1#2'}")

    def test_without_a_finishing_key_every_key_is_data_until_the_time_out(self, far: FarSide, phone: Telephone) -> None:
        far.on("/voice/incoming", gather('finishOnKey=""')).on("/answer", echo)
        call = phone.dial(LINE).press("#*1")
        assert far.at("/answer") == []
        call.wait().says("{'Digits': '#*1'}")

    def test_a_lone_finishing_key_is_no_input_and_falls_through(self, far: FarSide, phone: Telephone) -> None:
        far.on("/voice/incoming", gather() + "<Say>Next verb</Say>")
        phone.dial(LINE).press("#").says("next verb")
        assert far.at("/answer") == []

    def test_silence_falls_through_to_the_next_verb(self, far: FarSide, phone: Telephone) -> None:
        far.on("/voice/incoming", gather() + "<Say>Still there?</Say>" + gather('numDigits="1"'))
        far.on("/answer", echo)
        phone.dial(LINE).wait().says("still there? question").press("2").says("{'Digits': '2'}")

    def test_silence_without_a_next_verb_ends_the_call(self, far: FarSide, phone: Telephone) -> None:
        far.on("/voice/incoming", gather())
        call = phone.dial(LINE).wait()
        assert (call.ended, call.how_it_ended) == (True, "the document ended")
        assert far.last("/voice/status")["CallStatus"] == "completed"

    def test_with_action_on_empty_result_silence_is_told_without_digits(self, far: FarSide, phone: Telephone) -> None:
        far.on("/voice/incoming", gather('actionOnEmptyResult="true"')).on("/answer", echo)
        phone.dial(LINE).wait().says("nothing")

    def test_with_action_on_empty_result_a_lone_finishing_key_is_told_with_empty_digits(
        self, far: FarSide, phone: Telephone
    ) -> None:
        far.on("/voice/incoming", gather('actionOnEmptyResult="true"')).on("/answer", echo)
        phone.dial(LINE).press("#").says("{'Digits': ''}")

    def test_a_key_during_the_prompt_counts(self, far: FarSide, phone: Telephone) -> None:
        far.on("/voice/incoming", gather('numDigits="1"', "<Say>Long</Say><Pause/><Say>words</Say>"))
        far.on("/answer", echo)
        phone.dial(LINE).press("3").says("{'Digits': '3'}")

    def test_keys_typed_ahead_reach_the_next_question(self, far: FarSide, phone: Telephone) -> None:
        far.on("/voice/incoming", gather('numDigits="1"')).on("/answer", gather(action="/second"))
        far.on("/second", echo)
        phone.dial(LINE).press("1234#").says("{'Digits': '234'}")
        assert far.last("/answer")["Digits"] == "1"

    def test_keys_typed_ahead_are_lost_while_something_outside_a_question_is_said(
        self, far: FarSide, phone: Telephone
    ) -> None:
        far.on("/voice/incoming", gather('numDigits="1"'))
        far.on("/answer", "<Say>Thank you.</Say>" + gather('numDigits="1"', action="/second"))
        far.on("/second", echo)
        call = phone.dial(LINE).press("12").says("thank you. question")
        assert far.at("/second") == []
        call.press("3").says("{'Digits': '3'}")

    def test_keys_are_lost_where_only_speech_is_taken(self, far: FarSide, phone: Telephone) -> None:
        far.on("/voice/incoming", gather('input="speech"') + "<Say>Next verb</Say>")
        phone.dial(LINE).press("1#").wait().says("next verb")

    def test_speech_comes_with_its_confidence(self, far: FarSide, phone: Telephone) -> None:
        far.on("/voice/incoming", gather('input="dtmf speech" numDigits="1"')).on("/answer", echo)
        phone.dial(LINE).speak("María", confidence=0.93)
        assert far.last("/answer")["SpeechResult"] == "María"
        assert float(far.last("/answer")["Confidence"]) == pytest.approx(0.93)

    def test_speech_may_come_without_confidence(self, far: FarSide, phone: Telephone) -> None:
        far.on("/voice/incoming", gather('input="speech"')).on("/answer", echo)
        phone.dial(LINE).speak("yes", confidence=None).says("{'SpeechResult': 'yes'}")

    def test_speech_is_not_heard_where_only_keys_are_taken(self, far: FarSide, phone: Telephone) -> None:
        far.on("/voice/incoming", gather())
        call = phone.dial(LINE).speak("yes")
        assert far.at("/answer") == []
        assert not call.ended

    def test_the_first_input_detected_wins_over_later_speech(self, far: FarSide, phone: Telephone) -> None:
        far.on("/voice/incoming", gather('input="dtmf speech"')).on("/answer", echo)
        phone.dial(LINE).press("6").speak("Ana").press("2#").says("{'Digits': '62'}")

    def test_hanging_up_in_a_question_asks_nothing_more_of_the_product(self, far: FarSide, phone: Telephone) -> None:
        far.on("/voice/incoming", gather())
        call = phone.dial(LINE).press("62").hang_up()
        assert (call.ended, call.how_it_ended) == (True, "the caller hung up")
        assert far.at("/answer") == []
        assert [w.form["CallStatus"] for w in far.at("/voice/status")] == ["completed"]

    def test_a_get_action_puts_everything_in_the_query(self, far: FarSide, phone: Telephone) -> None:
        far.on("/voice/incoming", gather('numDigits="1" method="GET"')).on("/answer", "<Hangup/>")
        phone.dial(LINE).press("1")
        assert far.at("/answer")[0].method == "GET"
        assert far.at("/answer")[0].query["Digits"] == "1"


class TestOtherVerbs:
    def test_the_end_of_the_document_ends_the_call(self, far: FarSide, phone: Telephone) -> None:
        far.on("/voice/incoming", "<Say>One</Say><Pause length='2'/><Say>Two</Say>")
        call = phone.dial(LINE).says("One Two")
        assert (call.status, call.how_it_ended) == ("completed", "the document ended")

    def test_hangup_leaves_the_rest_unsaid(self, far: FarSide, phone: Telephone) -> None:
        far.on("/voice/incoming", "<Say>One</Say><Hangup/><Say>Two</Say>")
        call = phone.dial(LINE).never_said("two")
        assert call.how_it_ended == "the line hung up"

    def test_reject_ends_a_call_that_was_never_answered(self, far: FarSide, phone: Telephone) -> None:
        far.on("/voice/incoming", '<Reject reason="busy"/>')
        assert phone.dial(LINE).status == "busy"
        assert far.last("/voice/status")["CallDuration"] == "0"

    def test_redirect_fetches_another_document(self, far: FarSide, phone: Telephone) -> None:
        far.on("/voice/incoming", f"<Say>One</Say><Redirect>{a('/more')}</Redirect><Say>Never</Say>")
        far.on("/more", "<Say>Two</Say>", "inbound.more")
        call = phone.dial(LINE).says("one two").never_said("never")
        assert call.state == "inbound.more"

    def test_a_call_ends_at_its_time_limit(self, far: FarSide, platform: Simulator, phone: Telephone) -> None:
        pause = '<Pause length="100"/>'
        far.on("/out", f"<Say>One</Say>{pause}<Say>Two</Say>{pause}<Say>Three</Say>")
        platform.exchange.place(LINE, CALLER, Program(url=a("/out"), time_limit=150))
        call = phone.answer().never_said("three")
        assert call.how_it_ended == "time limit"

    def test_a_recording_is_fetched_without_the_calls_parameters(self, far: FarSide, phone: Telephone) -> None:
        far.on("/voice/incoming", f"<Play>{a('/audio/a.wav')}</Play>")
        call = phone.dial(LINE)
        assert call.transcript[0]["audio"] == a("/audio/a.wav")
        fetched = far.at("/audio/a.wav")[0]
        assert (fetched.method, fetched.query, fetched.pairs) == ("GET", {}, [])
        assert "X-Twilio-Signature" not in fetched.headers

    @pytest.mark.parametrize("sound_type", sorted(SOUND_TYPES))
    def test_every_kind_of_sound_that_the_platform_plays_is_played(
        self, far: FarSide, phone: Telephone, sound_type: str
    ) -> None:
        far.sound_type = sound_type
        far.on("/voice/incoming", f"<Play>{a('/audio/a.wav')}</Play>")
        assert phone.dial(LINE).transcript[0]["kind"] == "play"

    def test_the_callback_at_the_end_tells_how_long_it_took(self, far: FarSide, phone: Telephone) -> None:
        far.on("/voice/incoming", '<Pause length="70"/>')
        phone.dial(LINE)
        told = far.last("/voice/status")
        assert (told["CallDuration"], told["Duration"], told["SequenceNumber"]) == ("70", "2", "0")
        assert told["Timestamp"].endswith("+0000")


class TestRecord:
    RECORD = (
        f'<Record action="{a("/recorded")}" recordingStatusCallback="{a("/kept")}"'
        ' recordingStatusCallbackEvent="completed absent" finishOnKey="#" maxLength="60" timeout="4"/>'
        "<Say>After</Say>"
    )

    @pytest.fixture(autouse=True)
    def script(self, far: FarSide) -> None:
        far.on("/voice/incoming", self.RECORD).on("/kept", 204)
        far.on("/recorded", lambda form: f"<Say>{form['RecordingDuration']} {form.get('Digits')}</Say>")

    def test_the_finishing_key_ends_it_and_the_file_is_told_of_afterwards(self, far: FarSide, phone: Telephone) -> None:
        phone.dial(LINE).record(seconds=5).says("5 #")
        paths = [webhook.path for webhook in far.seen]
        assert paths.index("/recorded") < paths.index("/kept")
        told = far.last("/kept")
        assert (told["RecordingStatus"], told["RecordingDuration"]) == ("completed", "5")
        assert told["RecordingSid"] == far.last("/recorded")["RecordingSid"]
        assert not {"From", "To", "Digits"} & set(told)

    def test_its_sound_is_a_real_telephone_recording(self, platform: Simulator, phone: Telephone) -> None:
        phone.dial(LINE).record(seconds=2)
        (recording,) = platform.exchange.recordings.values()
        with wave.open(io.BytesIO(recording.wav)) as sound:
            assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (8000, 1, 2)
            assert sound.getnframes() == 16_000

    def test_a_file_of_ones_own_is_kept_as_it_is(self, platform: Simulator, phone: Telephone) -> None:
        phone.dial(LINE).record(seconds=2, wav=b"RIFF my own")
        (recording,) = platform.exchange.recordings.values()
        assert recording.wav == b"RIFF my own"

    def test_silence_ends_what_was_spoken_without_a_key(self, far: FarSide, phone: Telephone) -> None:
        phone.dial(LINE).record(seconds=3, ends_with="").wait().says("3 None")

    def test_a_key_that_does_not_finish_is_part_of_the_recording(self, far: FarSide, phone: Telephone) -> None:
        call = phone.dial(LINE).record(seconds=3, ends_with="1")
        assert far.at("/recorded") == []
        call.press("#").says("3 #")

    def test_the_longest_recording_ends_by_itself(self, far: FarSide, phone: Telephone) -> None:
        phone.dial(LINE).record(seconds=100).says("60 None")

    def test_a_recording_of_silence_is_saved(self, far: FarSide, phone: Telephone) -> None:
        phone.dial(LINE).wait().says("4 None")

    def test_on_an_older_platform_a_recording_of_silence_falls_through(
        self, far: FarSide, platform: Simulator, phone: Telephone
    ) -> None:
        platform.exchange.keep_silent_recordings = False
        phone.dial(LINE).wait().says("after")
        assert far.at("/recorded") == []

    def test_hanging_up_is_told_as_hangup_and_what_was_said_is_kept(self, far: FarSide, phone: Telephone) -> None:
        phone.dial(LINE).record(seconds=3, ends_with="").hang_up()
        told = far.last("/recorded")
        assert (told["Digits"], told["RecordingDuration"], told["CallStatus"]) == ("hangup", "3", "completed")
        assert far.last("/kept")["RecordingStatus"] == "completed"

    def test_hanging_up_at_once_leaves_no_recording(self, far: FarSide, phone: Telephone) -> None:
        phone.dial(LINE).hang_up()
        assert far.last("/recorded")["RecordingDuration"] == "0"
        assert far.last("/kept")["RecordingStatus"] == "absent"


class TestDial:
    @pytest.fixture
    def operator(self, platform: Simulator) -> Telephone:
        return platform.telephone(OPERATOR)

    @pytest.fixture(autouse=True)
    def script(self, far: FarSide) -> None:
        far.on("/voice/incoming", f'<Dial action="{a("/dialled")}" timeout="20">{OPERATOR}</Dial>')
        far.on("/dialled", lambda form: f"<Say>{form['DialCallStatus']} {form['DialBridged']}</Say>")

    def test_the_operator_answers_and_the_call_goes_on_when_they_hang_up(
        self, far: FarSide, phone: Telephone, operator: Telephone
    ) -> None:
        call = phone.dial(LINE)
        assert operator.ringing()[0]["from"] == CALLER
        theirs = operator.answer()
        assert call.look().waiting_for == {"verb": "dial", "joined": True}
        theirs.hang_up()
        call.look().says("completed true")
        assert far.last("/dialled")["DialCallSid"] == theirs.sid

    def test_nobody_answers(self, phone: Telephone, operator: Telephone) -> None:
        phone.dial(LINE).wait().says("no-answer false")
        assert operator.ringing() == []

    def test_the_operator_declines(self, phone: Telephone, operator: Telephone) -> None:
        call = phone.dial(LINE)
        operator.decline()
        call.look().says("busy false")

    def test_the_operators_telephone_is_off(self, phone: Telephone, operator: Telephone) -> None:
        operator.set(reachable=False)
        phone.dial(LINE).says("failed false")

    def test_an_operator_who_picks_up_by_themself(self, phone: Telephone, operator: Telephone) -> None:
        operator.set(picks_up=True)
        call = phone.dial(LINE)
        assert call.waiting_for == {"verb": "dial", "joined": True}
        theirs = operator.call
        assert theirs is not None
        theirs.hang_up()
        call.look().says("completed true")

    def test_the_caller_hangs_up_while_it_rings(self, far: FarSide, phone: Telephone, operator: Telephone) -> None:
        phone.dial(LINE).hang_up()
        assert operator.ringing() == []
        assert far.last("/dialled")["CallStatus"] == "completed"
        assert far.last("/dialled")["DialCallStatus"] == "canceled"

    def test_a_call_turned_elsewhere_rings_nobody_any_more(
        self, far: FarSide, platform: Simulator, phone: Telephone, operator: Telephone
    ) -> None:
        far.on("/elsewhere", gather())
        call = phone.dial(LINE)
        platform.exchange.calls[call.sid].redirect(a("/elsewhere"), "POST", "")
        assert operator.ringing() == []
        call.look().says("question")
        assert far.at("/dialled") == []

    def test_without_an_action_the_next_verb_follows(self, far: FarSide, phone: Telephone, operator: Telephone) -> None:
        far.on("/voice/incoming", f"<Dial>{OPERATOR}</Dial><Say>Nobody could come</Say>")
        phone.dial(LINE).wait().says("nobody could come")

    def test_a_person_can_accept_before_the_two_are_joined(
        self, far: FarSide, phone: Telephone, operator: Telephone
    ) -> None:
        far.on(
            "/voice/incoming",
            f'<Dial action="{a("/dialled")}"><Number url="{a("/screen")}">{OPERATOR}</Number></Dial>',
        )
        far.on("/screen", gather('numDigits="1"', action="/accepted") + "<Hangup/>").on("/accepted", "")
        call = phone.dial(LINE)
        theirs = operator.answer().says("question")
        assert call.look().waiting_for == {"verb": "dial", "joined": False}
        theirs.press("1")
        assert call.look().waiting_for == {"verb": "dial", "joined": True}
        assert far.last("/screen")["ParentCallSid"] == call.sid

    def test_a_voicemail_that_does_not_accept_is_completed_but_never_joined(
        self, far: FarSide, phone: Telephone, operator: Telephone
    ) -> None:
        far.on(
            "/voice/incoming",
            f'<Dial action="{a("/dialled")}"><Number url="{a("/screen")}">{OPERATOR}</Number></Dial>',
        )
        far.on("/screen", gather('numDigits="1"') + "<Hangup/>")
        call = phone.dial(LINE)
        operator.answer().wait()
        call.look().says("completed false")

    def test_the_first_of_several_to_answer_gets_the_call(
        self, far: FarSide, platform: Simulator, phone: Telephone, operator: Telephone
    ) -> None:
        far.on("/voice/incoming", f"<Dial><Number>{OPERATOR}</Number><Number>+12025550112</Number></Dial>")
        other = platform.telephone("+12025550112")
        call = phone.dial(LINE)
        other.answer()
        assert operator.ringing() == []
        assert call.look().waiting_for == {"verb": "dial", "joined": True}


@pytest.mark.parametrize("ending", list(Ending))
def test_every_end_of_a_call_is_told_as_a_status_that_the_platform_knows(
    far: FarSide, platform: Simulator, ending: Ending
) -> None:
    far.on("/voice/incoming", gather())
    call = platform.exchange.dial(CALLER, LINE)
    call.end(ending)
    platform.settle()
    told = far.last("/voice/status")["CallStatus"]
    assert told == STATUS_AT_END.get(ending, "completed")
    assert told in ("completed", "busy", "no-answer", "failed", "canceled")


class TestViolations:
    """Here something is wrong, and the platform says what."""

    @pytest.fixture(autouse=True)
    def no_complaints(self) -> None:
        """In place of the check above: complaints are what these tests are about."""

    def test_a_loop_of_documents_that_ask_nothing_is_cut(
        self, far: FarSide, platform: Simulator, phone: Telephone
    ) -> None:
        far.on("/voice/incoming", f"<Redirect>{a('/voice/incoming')}</Redirect>")
        call = phone.dial(LINE)
        assert call.how_it_ended == "application error"
        assert [violation.code for violation in platform.violations] == [11215]
        assert len(far.at("/voice/incoming")) == DOCUMENTS_WITHOUT_INPUT

    def test_a_loop_that_asks_each_time_is_the_callers_own_affair(
        self, far: FarSide, platform: Simulator, phone: Telephone
    ) -> None:
        far.on("/voice/incoming", gather() + f"<Redirect>{a('/voice/incoming')}</Redirect>")
        call = phone.dial(LINE)
        for _ in range(DOCUMENTS_WITHOUT_INPUT + 5):
            call.wait()
        assert not call.ended
        assert platform.violations == []

    def test_a_recording_that_is_not_there_ends_the_call(
        self, far: FarSide, platform: Simulator, phone: Telephone
    ) -> None:
        far.on("/voice/incoming", gather("", f"<Play>{a('/audio/none.wav')}</Play><Say>Never</Say>"))
        call = phone.dial(LINE).says(APOLOGY).never_said("never")
        assert call.ended
        assert platform.violations[0].where == a("/audio/none.wav")

    def test_a_web_page_can_not_be_played(self, far: FarSide, platform: Simulator, phone: Telephone) -> None:
        far.sound_type = "text/html"
        far.on("/voice/incoming", f"<Play>{a('/audio/a.wav')}</Play>")
        phone.dial(LINE).says(APOLOGY)
        assert platform.violations[0].code == 12300

    def test_a_reject_after_the_answer_is_too_late(self, far: FarSide, platform: Simulator, phone: Telephone) -> None:
        far.on("/voice/incoming", "<Say>Hello</Say><Reject/>")
        phone.dial(LINE).says(APOLOGY)
        assert "too late" in str(platform.violations[0])

    def test_a_dial_shows_no_number_of_strangers(self, far: FarSide, platform: Simulator, phone: Telephone) -> None:
        far.on("/voice/incoming", f'<Dial callerId="+12025550177">{OPERATOR}</Dial>')
        phone.dial(LINE).says(APOLOGY)
        assert platform.violations[0].code == 13214

    def test_an_address_outside_the_product_is_never_called(
        self, far: FarSide, platform: Simulator, phone: Telephone
    ) -> None:
        far.on("/voice/incoming", "<Redirect>https://elsewhere.example.org/voice</Redirect>")
        phone.dial(LINE).says(APOLOGY)
        assert "outside the product" in str(platform.violations[0])


ACTS = st.lists(st.one_of(st.just(""), st.text("0123456789*#", min_size=1, max_size=6), st.just("words")), max_size=12)


@pytest.fixture(scope="module")
def maze() -> object:
    """A far side with every verb in it, whose ways lead round and round and out."""
    with far_side() as far:
        far.on(
            "/voice/incoming",
            "<Say>Start</Say>"
            + gather('input="dtmf speech" numDigits="2"', action="/record")
            + gather('finishOnKey="" actionOnEmptyResult="true"', action="/dial"),
        )
        far.on("/record", f'<Record action="{a("/dial")}" finishOnKey="12"/>')
        far.on("/dial", f'<Dial action="{a("/last")}">{OPERATOR}</Dial>')
        far.on("/last", gather(action="/voice/incoming") + "<Hangup/>")
        with Simulator(SID, TOKEN, LINE, PUBLIC, far.url) as simulator:
            yield simulator


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_no_sequence_of_keys_words_and_silence_trips_the_walker(maze: Simulator, acts: list[str]) -> None:
    call = maze.exchange.dial(CALLER, LINE)
    for act in acts:
        if act == "words":
            call.speak(act)
        elif act:
            call.press(act)
        else:
            call.silence()
    call.hang_up()
    assert call.ended
    assert call.status == "completed"
    assert maze.settle()
    assert maze.violations == []
