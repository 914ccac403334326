"""One run: users, attackers and look-alikes on the agenda of a local cloud."""

from collections.abc import Iterator, Sequence
from functools import partial

from coldtrail_testbed.account.attacks.model import AccountAttack
from coldtrail_testbed.account.burglary import OutsideBurglar
from coldtrail_testbed.account.life import AccountLife
from coldtrail_testbed.account.plan import AccountPlan
from coldtrail_testbed.applications.model import Application
from coldtrail_testbed.attacks.plan import AttackPlan, drawn_begin
from coldtrail_testbed.cloud.arrivals import Arrivals, expected_times
from coldtrail_testbed.cloud.density import SpreadOverDays, Thin, everybody
from coldtrail_testbed.cloud.foundation import generator_for
from coldtrail_testbed.cloud.local_cloud import LocalCloud
from coldtrail_testbed.cloud.stage import RunStage
from coldtrail_testbed.look_alikes.model import LookAlike, Window

_LONGEST = 24.0


class Run:
    """Everybody who comes in a run; `windows` are the look-alikes that have begun, by name."""

    def __init__(
        self,
        application: Application,
        seed: int,
        visits: int,
        plan: AttackPlan,
        look_alikes: Sequence[LookAlike],
        cloud: LocalCloud,
        thin: Thin = everybody,
        account: AccountPlan | None = None,
    ) -> None:
        self._application = application
        self._seed = seed
        self._visits = visits
        self._plan = plan
        self._cloud = cloud
        self._thin = thin
        self._account = account or AccountPlan(application.name)
        self.arrivals = Arrivals(application, seed, visits, cloud.foundation, cloud.open_browser, thin)
        self.windows: dict[str, Window] = {}
        for look_alike in look_alikes:
            self.arrivals.when_came(look_alike.after, partial(self._begin_look_alike, look_alike))
        for attack, after in plan.spells.items():
            self.arrivals.when_came(after, partial(self._begin_spell, attack))

    def begin(self) -> None:
        """None; the first user and every campaign are on the agenda."""
        agenda = self._cloud.foundation.agenda
        times = expected_times(self._application, self._seed, self._visits, self._cloud.now(), self._thin)
        for attack in self._plan.campaigns:
            start = self._plan.campaign_start(attack, times)
            agenda.add(start, partial(self._begin_campaign, attack))
        for burglary in self._account.attacks:
            start = drawn_begin(self._seed, burglary.name, burglary.hours, times)
            agenda.add(start, partial(self._begin_burglary, burglary))
        if self._account.lives:
            AccountLife(self._cloud.account, self._seed).begin()
        self.arrivals.begin()

    def _begin_look_alike(self, look_alike: LookAlike) -> None:
        generator = generator_for(self._seed, f"look-alike {look_alike.name}")
        stage = RunStage(self._application, generator, self._cloud, self.arrivals)
        self.windows[look_alike.name] = look_alike.begin(stage)

    def _begin_spell(self, attack: str) -> None:
        # What lasts some hours where users come densely lasts as many users where they are spread over days.
        share = self._thin.share if isinstance(self._thin, SpreadOverDays) else 1.0
        self._plan.begin_spell(attack, self._cloud.now(), longer=min(_LONGEST, 1 / share))

    def _begin_campaign(self, attack: str) -> None:
        intruder = self._cloud.admit_intruder(attack)
        generator = generator_for(self._seed, f"intruder {attack}")
        self._go_on(self._plan.campaigns[attack].campaign(intruder, generator))

    def _begin_burglary(self, attack: AccountAttack) -> None:
        target = attack.targets[self._application.name]
        burglar = OutsideBurglar(
            self._cloud.account,
            self._cloud.admit_intruder(attack.name),
            target.function,
            lambda: self._plan.begin_spell(attack.name, self._cloud.now()),
        )
        self._go_on(attack.campaign(burglar, target, generator_for(self._seed, f"burglar {attack.name}")))

    def _go_on(self, campaign: Iterator[float]) -> None:
        pause = next(campaign, None)
        if pause is not None:
            self._cloud.foundation.agenda.add(self._cloud.now() + pause, lambda: self._go_on(campaign))
