"""What the platform is asked for with each call and each text, in one place whoever sends it.

Sources of the parameters: /docs/voice/api/call-resource and /docs/messaging/api/message-resource.
"""

from __future__ import annotations

from hotline.rules.delivery import MachineDetection

Form = list[tuple[str, str]]

RETRIES = "#rc=2&rp=ct,rt,5xx"
"""On status callbacks only: by default the platform does not repeat one that failed."""

RING_SECONDS = 25
EVENTS = ("initiated", "ringing", "answered", "completed")


def call_form(
    sender: str, to: str, public_url: str, token: str, detection: MachineDetection, to_the_beep: bool
) -> Form:
    """A call from `sender` to `to`, both E.164; `token` stands in the addresses that the platform calls back.

    `to_the_beep`: a machine is listened to until its greeting is over, so that a message can be left.
    """
    form = [
        ("To", to),
        ("From", sender),
        ("Url", f"{public_url}/voice/out/{token}"),
        ("Method", "POST"),
        ("FallbackUrl", f"{public_url}/voice/fallback"),
        ("FallbackMethod", "POST"),
        ("StatusCallback", f"{public_url}/voice/status/{token}{RETRIES}"),
        ("StatusCallbackMethod", "POST"),
        *(("StatusCallbackEvent", event) for event in EVENTS),
        ("Timeout", str(RING_SECONDS)),
    ]
    if detection is not MachineDetection.OFF:
        form.append(("MachineDetection", "DetectMessageEnd" if to_the_beep else "Enable"))
    if detection is MachineDetection.ASYNC:
        form += [
            ("AsyncAmd", "true"),
            ("AsyncAmdStatusCallback", f"{public_url}/voice/machine/{token}{RETRIES}"),
            ("AsyncAmdStatusCallbackMethod", "POST"),
        ]
    return form


def text_form(sender: str, to: str, body: str, public_url: str, token: str) -> Form:
    """A text from `sender` to `to`, both E.164; its fate is told to an address with `token` in it."""
    return [
        ("To", to),
        ("From", sender),
        ("Body", body),
        ("StatusCallback", f"{public_url}/sms/status/{token}{RETRIES}"),
    ]
