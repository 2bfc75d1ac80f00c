"""Schedule, join, remember: the three stories as clients of the service live them."""

import asyncio
import json
import sys
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx

from meetcoord.adapters import system
from meetcoord.demo.cast import CITY, HEALTH_AGENCY, PREFECTURE, SCOPES, TROUPES, Troupe
from meetcoord.demo.clients import Client, Json, Unexpected
from meetcoord.demo.mailroom import Mailroom
from meetcoord.demo.stage import Stage, new_approver, new_identity
from meetcoord.demo.tampering import altered_copy
from meetcoord.demo.telling import Telling
from meetcoord.demo.watch import POLICY

PARIS = "Europe/Paris"
CRISIS, WEEKLY = "Cellule de crise", "Point hebdomadaire"
DELEGATE = HEALTH_AGENCY.parts[1]
MINUTES = """# Cellule de crise : compte rendu

## Décisions
- La salle de commandement reste ouverte jusqu’à 20 h.
- L’agence de santé publie le point de situation à 17 h.

## Actions
- Préfecture : prévenir les communes en aval, avant 16 h.
"""
PATIENCE = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Story:
    """`persons` (ids by address), `auditors` (API keys by agency) and `facts` grow as the story goes on."""

    stage: Stage
    telling: Telling
    mail: Mailroom
    http: httpx.AsyncClient
    keys: dict[str, str]
    language: str
    persons: dict[str, str] = field(default_factory=dict)
    auditors: dict[str, str] = field(default_factory=dict)
    facts: dict[str, Json] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        return self.stage.folder

    def secretary(self, troupe: Troupe) -> Client:
        return Client(self.http, self.keys[troupe.id])

    async def play(self) -> None:
        with self.telling.step("Three agencies, nine persons, keys made on the spot") as say:
            say(await self.gather())
        with self.telling.step(
            "The city proposes two slots, the agencies answer and name their delegates"
        ) as say:
            say(await self.agree())
        with self.telling.step("Nine personal invitations leave by mail") as say:
            say(await self.invite())
        with self.telling.step(
            "A delegate joins with her link and a mailed code; foreign and early links are refused"
        ) as say:
            say(await self.join())
        with self.telling.step(
            "Minutes are written, circulated, approved with each agency's own key and sealed"
        ) as say:
            say(await self.remember())
        with self.telling.step(
            "An auditor opens and verifies them offline, with a key the server never had"
        ) as say:
            say(await self.audit())
        with self.telling.step(
            "The log is exported as static files and recomputed from its first entry"
        ) as say:
            say(await self.export())
        with self.telling.step("One byte is altered in a copy of the database") as say:
            say(await self.tamper())

    async def gather(self) -> str:
        for troupe in TROUPES:
            administrator = self.secretary(troupe)
            await self._register(administrator, troupe)
            for kind in ("auditor", "archive"):
                path = self.folder / (
                    "auditor-identity.txt"
                    if (troupe, kind) == (CITY, "auditor")
                    else f"identities/{troupe.id}-{kind}.txt"
                )
                key = new_identity(path)
                await administrator.post(
                    f"/v1/agencies/{troupe.id}/recipients", {"kind": kind, "key": key, "label": kind}
                )
            await self._name_approver(administrator, troupe)
        return (
            f"{len(self.persons)} persons; 6 opening keys and 3 that sign, made beside the server: "
            "it holds the public halves only."
        )

    def _approver_file(self, troupe: Troupe) -> Path:
        return self.folder / "identities" / f"{troupe.id}-approver.key"

    async def _name_approver(self, administrator: Client, troupe: Troupe) -> None:
        """Her head of unit signs for each agency."""
        key = new_approver(self._approver_file(troupe), f"{troupe.id}/approver-1")
        person = self.persons[troupe.address(troupe.parts[1])]
        await administrator.post(f"/v1/agencies/{troupe.id}/approvers", {"person": person, "key": key})

    async def _register(self, administrator: Client, troupe: Troupe) -> None:
        for person in await administrator.items("/v1/persons"):
            self.persons[person["address"]] = person["id"]
        for part in troupe.parts[1:]:
            person = await administrator.post(
                "/v1/persons",
                {
                    "name": part.name,
                    "address": troupe.address(part),
                    "function": part.function,
                    "language": self.language,
                    "roles": list(part.roles),
                },
            )
            self.persons[person["address"]] = person["id"]
            if "auditor" in part.roles:
                issued = await administrator.post(
                    "/v1/api-keys",
                    {"person": person["id"], "scopes": list(SCOPES["auditor"]), "label": "demo", "days": 1},
                )
                self.auditors[troupe.id] = issued["secret"]

    async def agree(self) -> str:
        soon = system.now().replace(second=0, microsecond=0) + timedelta(minutes=5)
        meeting = await self._meeting(CRISIS, "sensitive", [soon, soon + timedelta(hours=3)])
        later = await self._meeting(WEEKLY, "standard", [soon + timedelta(days=7), soon + timedelta(days=8)])
        self.facts.update(meeting=meeting["id"], later_meeting=later["id"])
        start = datetime.fromisoformat(meeting["slot"]["start"]).astimezone(ZoneInfo(PARIS))
        return f"All three said yes to {start:%d.%m.%Y %H:%M} ({PARIS}); the meeting is settled."

    async def _meeting(self, title: str, profile: str, starts: list[datetime]) -> Json:
        """Proposed by the city, answered by the two others, settled on the first slot."""
        slots = [{"start": _local(start), "end": _local(start + timedelta(hours=1))} for start in starts]
        convened = [{"agency": HEALTH_AGENCY.id}, {"agency": PREFECTURE.id}]
        city = self.secretary(CITY)
        meeting = await city.post(
            "/v1/meetings",
            {
                "title": title,
                "profile": profile,
                "agenda": "Point de situation",
                "slots": slots,
                "convened": convened,
                "time_zone": PARIS,
            },
        )
        path = f"/v1/meetings/{meeting['id']}"
        first, second = (slot["id"] for slot in meeting["slots"])
        for troupe, other in ((HEALTH_AGENCY, "no"), (PREFECTURE, "if_need_be")):
            choices = [{"slot": first, "choice": "yes"}, {"slot": second, "choice": other}]
            await self.secretary(troupe).put(
                f"{path}/answer", {"terms": meeting["terms"], "choices": choices}
            )
        for troupe in TROUPES:
            await self.secretary(troupe).put(f"{path}/delegates", {"delegates": self._delegates(troupe)})
        return await city.put(f"{path}/slot", {"slot": first})

    def _delegates(self, troupe: Troupe) -> list[Json]:
        return [
            {"person": self.persons[troupe.address(part)], "moderator": part.moderator}
            for part in troupe.parts
        ]

    async def invite(self) -> str:
        for meeting in (self.facts["meeting"], self.facts["later_meeting"]):
            await self.secretary(CITY).post(f"/v1/meetings/{meeting}/invitations")
        board = await self._settled_board(CITY, self.facts["meeting"])
        await self._settled_board(CITY, self.facts["later_meeting"])
        states = [line["messages"][-1]["delivery"] for line in board]
        invitation = self.mail.invitations_to(CITY.address(CITY.parts[1]))[0]
        (self.folder / "invitation.eml").write_bytes(invitation.read_bytes())
        # What the mail server said may name an address, so only the person's own agency is shown it.
        own = await self._settled_board(PREFECTURE, self.facts["meeting"])
        refused = [line for line in own if line["messages"][-1]["delivery"] == "refused"]
        return "\n".join(
            [f"{states.count('accepted')} delivered, {states.count('refused')} refused."]
            + [f"{line['person']['name']}: {line['messages'][-1]['reply']} → phone her." for line in refused]
        )

    async def _settled_board(self, reader: Troupe, meeting: str) -> list[Json]:
        """The board as one agency sees it, once every message has been accepted or refused."""
        deadline = system.now() + PATIENCE
        while system.now() < deadline:
            board: list[Json] = await self.secretary(reader).items(f"/v1/meetings/{meeting}/invitations")
            if all(line["messages"][-1]["delivery"] in {"accepted", "refused"} for line in board):
                return board
            await asyncio.sleep(0.1)
        raise Unexpected("some invitations are still on their way")

    def _tokens(self) -> tuple[str, str]:
        """Of the links that a delegate of the health agency received: for now, and for the week after."""
        links = self.mail.links_to(HEALTH_AGENCY.address(DELEGATE))
        # The mail of a sensitive meeting does not say its title.
        tokens = {WEEKLY in subject: link.partition("#")[2] for subject, link in links.items()}
        return tokens[False], tokens[True]

    async def _code(self) -> str:
        """The code that the delegate asked for, read in her mailbox."""
        deadline, address = system.now() + PATIENCE, HEALTH_AGENCY.address(DELEGATE)
        while system.now() < deadline:
            if code := self.mail.code_in(self.mail.messages_to(address)[-1]):
                return code
            await asyncio.sleep(0.1)
        raise Unexpected("the code has not arrived")

    async def join(self) -> str:
        now, later = self._tokens()
        person = Client(self.http)
        seen = await person.post("/j/look", {"token": now}, status=200)
        pressed = {"token": now, "click": system.new_id(), "device": _device_secret()}
        unproven = await person.refused("/j/admission", pressed, 403)
        await person.post("/j/code", {"token": now}, status=200)
        pressed["code"] = await self._code()
        entry = await person.post("/j/admission", pressed, status=200)
        if await person.post("/j/admission", pressed, status=200) != entry:
            raise Unexpected("a double click gave two different tokens")
        (self.folder / "room-token.txt").write_text(entry["token"] + "\n", encoding="utf-8")
        self.facts["room"] = entry["address"].partition("#")[0]
        foreign = await person.refused(
            "/j/admission", {"token": _foreign(now), "click": system.new_id()}, 403
        )
        early = await person.refused("/j/admission", {"token": later, "click": system.new_id()}, 403)
        return (
            f"Admitted as {seen['name']}, with the code from her mailbox.\nWithout the code: {unproven}\n"
            f"Foreign link: {foreign}\nEarly link: {early}"
        )

    async def remember(self) -> str:
        city, path = self.secretary(CITY), f"/v1/meetings/{self.facts['meeting']}/minutes"
        draft = await city.post(path, {"body": "# Brouillon"})
        draft = await city.put(f"{path}/0", {"body": MINUTES}, version=draft["version"])
        fixed = await city.post(f"{path}/0/circulation", status=200, version=draft["version"])
        signed = await asyncio.gather(*(self._signed(troupe, fixed, path) for troupe in TROUPES))
        approved = [
            await self.secretary(troupe).post(f"{path}/0/approvals", approval, status=200)
            for troupe, approval in zip(TROUPES, signed, strict=True)
        ]
        sealed = approved[-1]
        if sealed["state"] != "sealed":
            raise Unexpected(f"the minutes are {sealed['state']}, not sealed")
        auditor = Client(self.http, self.auditors[CITY.id])
        (self.folder / "minutes.age").write_bytes(await auditor.fetch(f"{path}/0/readings"))
        await self._cosigned(sealed["leaf"])
        (self.folder / "evidence.zip").write_bytes(await auditor.fetch(f"{path}/0/evidence"))
        self.facts["leaf"] = sealed["leaf"]
        return (
            "Each agency signed the text and the list of its readers, with a key the server never had.\n"
            f"Entry {sealed['leaf']} of the log; the draft is destroyed on the server."
        )

    async def _cosigned(self, leaf: int) -> None:
        """Wait until the witnesses of both other agencies have seen this entry."""
        deadline = system.now() + PATIENCE
        while system.now() < deadline:
            note = (await self.http.get("/log/cosigned-checkpoint")).text.split("\n")
            if len(note) > 2 and note[1].isdigit() and int(note[1]) > leaf:
                return
            await asyncio.sleep(0.1)
        raise Unexpected("the witnesses have not cosigned the entry")

    async def _signed(self, troupe: Troupe, fixed: Json, path: str) -> Json:
        """What the agency's approver signs on her own machine, having checked what the server says."""
        said = await self.secretary(troupe).get(f"{path}/{fixed['seq']}")
        circulated = self.folder / "identities" / f"{troupe.id}-circulated.json"
        circulated.write_text(json.dumps(said), encoding="utf-8")
        key = self._approver_file(troupe)
        signed = await meetcoord("approver", "sign", circulated, "--key", key, "--yes", "--json", quiet=True)
        return json.loads(signed)

    async def audit(self) -> str:
        identity, evidence = self.folder / "auditor-identity.txt", self.folder / "evidence.zip"
        public = self.folder / "public"
        await meetcoord("--settings", self.stage.settings_file, "keys", "public", public)
        text = await meetcoord("minutes", "open", self.folder / "minutes.age", "--identity", identity)
        if MINUTES.strip() not in text:
            raise Unexpected("the opened text is not the one that was approved")
        verdict = await meetcoord(
            "evidence", "verify", evidence, "--identity", identity, "--log-key", public / "log.vkey",
            "--witness-policy", self.folder / POLICY,
        )  # fmt: skip
        witnesses = next(line for line in verdict.splitlines() if line.split()[1:2] == ["witnesses"])
        return f"{verdict.strip().splitlines()[-1]}\n{witnesses.partition('witnesses')[2].strip()}"

    async def export(self) -> str:
        await meetcoord("--settings", self.stage.settings_file, "log", "export", self.folder / "log")
        checked = await meetcoord("--settings", self.stage.settings_file, "log", "fsck")
        seen = await self.secretary(CITY).get("/v1/log/witnesses")
        return f"{checked.strip()}\n{seen['sentence']}"

    async def tamper(self) -> str:
        leaf, copy = self.facts["leaf"], self.folder / "altered.db"
        database = Path(self.stage.settings.data_directory) / "meetcoord.db"
        await asyncio.to_thread(altered_copy, database, copy, leaf)
        found = await meetcoord(
            "log", "fsck", "--database", f"sqlite:///{copy.resolve()}",
            "--log-key", self.folder / "public" / "log.vkey", expect=1,
        )  # fmt: skip
        if f"entry {leaf}:" not in found:
            raise Unexpected(f"the altered entry {leaf} was not named: {found}")
        return f"DETECTED: {found.strip()}"


async def meetcoord(*words: str | Path, expect: int = 0, quiet: bool = False) -> str:
    """Run the command line as a person would; returns what it printed. Raises Unexpected on another exit code.

    `quiet`: without what is told beside, on stderr.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "meetcoord", *map(str, words),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL if quiet else asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await process.communicate()
    text = output.decode()
    if process.returncode != expect:
        raise Unexpected(
            f"meetcoord {' '.join(map(str, words))}: exit code {process.returncode}: {text[-800:]}"
        )
    return text


def _local(moment: datetime) -> str:
    return moment.astimezone(ZoneInfo(PARIS)).isoformat()


def _device_secret() -> str:
    """What the join page makes once per device, and keeps there."""
    return urlsafe_b64encode(system.entropy(32)).decode().rstrip("=")


def _foreign(token: str) -> str:
    """The same statement under a signature that is not ours."""
    head, _, signature = token.rpartition(".")
    return f"{head}.{signature[::-1]}"
