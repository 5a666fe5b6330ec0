"""One company's month, as four CRMs would tell it: what happened is made up once, and written down in the shapes that
Debezium, Salesforce, HubSpot and a flat log have for it. What must be counted follows from what happened, not from how
it is told."""
import collections
import dataclasses
import datetime
import decimal
import json
import os
import zoneinfo

import avro

SCHEMAS = os.path.join(os.path.dirname(avro.FOLDER), "examples", "schemas")
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
REPS = ("ada", "ben", "cleo", "dora")


@dataclasses.dataclass(frozen=True)
class Deal:
    """A row of the CRM's database."""
    id: int
    owner: str
    account: str
    stage: str
    amount: decimal.Decimal
    created_at: int
    closed_at: int | None


@dataclasses.dataclass(frozen=True)
class Happening:
    at: int  # milliseconds
    before: Deal | None = None
    after: Deal | None = None
    kind: str | None = None  # of what somebody did, and who
    rep: str | None = None


def month(random):
    """March 2026: calls and demos, deals that are opened, won and lost; in order."""
    start = int(datetime.datetime(2026, 3, 2, 8, tzinfo=BERLIN).timestamp() * 1000)
    days, last = 86400_000, start
    out = []
    for _ in range(random.randint(120, 200)):
        at = start + random.randrange(25) * days + random.randrange(9 * 3600_000)
        out.append(Happening(at, kind=random.choice(["call", "call", "call", "demo", "email"]), rep=random.choice(REPS)))
    for number in range(1, random.randint(40, 60)):
        at = start + random.randrange(20) * days + random.randrange(9 * 3600_000)
        deal = Deal(number, random.choice(REPS), f"a{random.randrange(9)}", "open", None, at, None)
        out.append(Happening(at, None, deal))
        deal = named(deal, amount=decimal.Decimal(random.randrange(10000, 500000)) / 100)
        at += random.randrange(1, 3600_000)
        out.append(Happening(at, dataclasses.replace(deal, amount=None), deal))  # told, and nothing that counts
        if random.random() < 0.7:
            at += random.randrange(1, 4 * days)
            closed = named(deal, stage=random.choice(["won", "lost"]), closed_at=at)
            out.append(Happening(at, deal, closed))
    out.sort(key=lambda h: h.at)
    return out


def named(deal, **changes):
    return dataclasses.replace(deal, **changes)


def corrections(random, happened):
    """What comes after: deals that get another amount or owner, another day, are reopened, deleted, merged."""
    rows = {h.after.id: h.after for h in happened if h.after}
    at, out = happened[-1].at, []
    ended = [d for d in rows.values() if d.stage != "open"]
    for number, deal in enumerate(random.sample(ended, min(len(ended), 12))):
        at += 1000
        other = random.choice([r for r in REPS if r != deal.owner])
        changed = (named(deal, amount=deal.amount + decimal.Decimal("10.01")), named(deal, owner=other),
                   named(deal, closed_at=deal.closed_at - 3600_000), named(deal, stage="open", closed_at=None), None,
                   named(deal, stage="won" if deal.stage == "lost" else "lost"))[number % 6]
        out.append(Happening(at, deal, changed))
        if number % 6 == 4:  # two records of one deal: the loser is deleted, the winner gets what it had
            kept = random.choice([d for d in ended if d.id != deal.id])
            kept = {**rows, **{h.before.id: h.after for h in out if h.after}}.get(kept.id)
            if kept and not any(h.before.id == kept.id and not h.after for h in out):
                at += 1000
                out.append(Happening(at, kept, named(kept, account="merged")))
    return out


def counted(happened):
    """rep -> field of its view -> what it must be."""
    out = collections.defaultdict(collections.Counter)
    rows = {}
    for h in happened:
        if h.kind in ("call", "demo"):
            out[h.rep][h.kind + "s:month"] += 1
        if h.after and not h.before:
            out[h.after.owner]["created:month"] += 1
            out[h.after.owner]["created:quarter"] += 1
        if h.before or h.after:
            rows[(h.after or h.before).id] = h.after
    for deal in rows.values():
        if not deal or deal.stage == "open":
            continue
        for period in ("month", "quarter"):
            out[deal.owner][f"closed:{period}"] += 1
            if deal.stage == "won":
                out[deal.owner][f"won:{period}"] += 1
                out[deal.owner][f"revenue:{period}"] += deal.amount
    return {rep: {k: str(v) if isinstance(v, int) else format(v.normalize(), "f") for k, v in fields.items()} for rep, fields in out.items()}


def schema(name):
    with open(os.path.join(SCHEMAS, name + ".avsc"), encoding="utf-8") as f:
        return json.load(f)


class Shape:
    """Records as (topic, key, milliseconds, schema's name or None, value)."""
    topics: tuple = ()

    def tell(self, happened, before=0):
        """`before`: how many were told of before these."""
        for number, h in enumerate(happened, start=before + 1):
            yield from self.activity(number, h) if h.kind else self.deal(number, h)


class Debezium(Shape):
    topics = ("crm.public.deals", "crm.public.activities")

    def envelope(self, number, h, table, before, after):
        source = {"connector": "postgresql", "ts_ms": h.at, "table": table, "lsn": 1000 + number}
        op = "c" if not before else "u" if after else "d"
        return {"before": before, "after": after, "source": source, "op": op, "ts_ms": h.at + 20}

    def row(self, deal):
        if not deal:
            return None
        row = dataclasses.asdict(deal) | {"created_at": deal.created_at * 1000, "currency": "EUR"}
        row["closed_at"] = deal.closed_at and deal.closed_at * 1000
        return row

    def deal(self, number, h):
        key = b"%d" % (h.after or h.before).id
        yield self.topics[0], key, h.at, "debezium-deals", self.envelope(number, h, "deals", self.row(h.before), self.row(h.after))
        if not h.after:
            yield self.topics[0], key, h.at, None, None  # the tombstone that follows a deletion

    def activity(self, number, h):
        at = datetime.datetime.fromtimestamp(h.at / 1000, datetime.timezone.utc).isoformat().replace("+00:00", "Z")
        row = {"id": number, "owner": h.rep, "kind": h.kind.upper(), "happened_at": at}
        yield self.topics[1], b"%d" % number, h.at, "debezium-activities", self.envelope(number, h, "activities", None, row)


class Salesforce(Shape):
    topics = ("salesforce.opportunity", "salesforce.task")

    def header(self, number, h, entity, record, kind, changed):
        return {"entityName": entity, "recordIds": [record], "changeType": kind, "changeOrigin": "com/salesforce/api/rest",
                "transactionKey": f"0000-{number:06}", "sequenceNumber": 1, "commitTimestamp": h.at, "commitNumber": number,
                "commitUser": "005", "nulledFields": [], "diffFields": [], "changedFields": changed}

    def deal(self, number, h):
        deal, stages = h.after, {"open": "Prospecting", "won": "Closed Won", "lost": "Closed Lost"}
        fields = {"StageName": stages[deal.stage], "Amount": None if deal.amount is None else float(deal.amount),
                  "AccountId": deal.account, "Name": f"Deal {deal.id}"}
        was = {} if not h.before else {"StageName": stages[h.before.stage], "AccountId": h.before.account, "Name": f"Deal {deal.id}",
                                       "Amount": None if h.before.amount is None else float(h.before.amount)}
        changed = {k: v for k, v in fields.items() if was.get(k) != v}
        value = {"ChangeEventHeader": self.header(number, h, "Opportunity", f"006{deal.id:06}", "UPDATE" if was else "CREATE",
                                                  [] if not was else sorted(changed) + ["LastModifiedDate"])}
        yield (self.topics[0], b"006%06d" % deal.id, h.at, "salesforce-opportunity",
               value | changed | {"Amount": fields["Amount"], "OwnerId": deal.owner})

    def activity(self, number, h):
        task = f"00T{number:06}"
        steps = ("Completed",) if number % 2 else ("Not Started", "Completed")
        for step, status in enumerate(steps):
            header = self.header(number, h, "Task", task, "UPDATE" if step else "CREATE", ["Status", "LastModifiedDate"] if step else [])
            yield (self.topics[1], task.encode(), h.at, "salesforce-task",
                   {"ChangeEventHeader": header, "TaskSubtype": h.kind.capitalize(), "Status": status, "OwnerId": h.rep})


class HubSpot(Shape):
    topics = ("hubspot.events",)

    def event(self, number, h, kind, about, properties, name=None, value=None, step=0):
        """Delivered twice now and then, as HubSpot does when it was not answered in time."""
        event = {"eventId": number * 10 + step, "portalId": 62515, "subscriptionType": kind, "objectId": about, "occurredAt": h.at,
                 "attemptNumber": 0, "propertyName": name, "propertyValue": value, "changeSource": "CRM", "properties": properties}
        for attempt in range(2 if number % 7 == 0 else 1):
            yield self.topics[0], b"%d" % about, h.at, "hubspot-change", event | {"attemptNumber": attempt}

    def deal(self, number, h):
        deal, stages = h.after, {"open": "appointmentscheduled", "won": "closedwon", "lost": "closedlost"}
        properties = {"hubspot_owner_id": deal.owner, "dealstage": stages[deal.stage], "associated_company": deal.account,
                      "amount": None if deal.amount is None else str(deal.amount), "deal_currency_code": "EUR"}
        if not h.before:
            yield from self.event(number, h, "deal.creation", deal.id, properties)
            return
        if h.before.stage != deal.stage:
            yield from self.event(number, h, "deal.propertyChange", deal.id, properties, "dealstage", stages[deal.stage])
        if h.before.amount != deal.amount:
            yield from self.event(number, h, "deal.propertyChange", deal.id, properties, "amount", str(deal.amount), 1)

    def activity(self, number, h):
        kind = {"call": "call.creation", "demo": "meeting.creation", "email": "email.creation"}[h.kind]
        yield from self.event(number, h, kind, 100000 + number, {"hubspot_owner_id": h.rep})


class ActivityLog(Shape):
    """JSON, keyed by the rep."""
    topics = ("crm.activities",)

    def line(self, number, h, action, rep, **more):
        at = datetime.datetime.fromtimestamp(h.at / 1000, BERLIN).isoformat(timespec="milliseconds")
        value = {"id": f"e-{number}", "user": rep, "ts": at, "action": action, "note": "Grüße \"an\" \\ Ödön \U0001f600", **more}
        yield self.topics[0], rep.encode(), h.at, None, value

    def deal(self, number, h):
        deal = h.after
        if not h.before:
            yield from self.line(number, h, "deal.created", deal.owner, deal={"id": str(deal.id)})
        elif h.before.stage != deal.stage:
            amount = {"id": str(deal.id), "amount": float(deal.amount), "currency": "EUR"}
            yield from self.line(number, h, f"deal.{deal.stage}", deal.owner, deal=amount)

    def activity(self, number, h):
        action = {"call": "call.completed", "demo": "demo.held", "email": "email.sent"}[h.kind]
        yield from self.line(number, h, action, h.rep, channel="phone")
