"""The doors to the five parties of an item and to social organisations."""

from typing import Any

from services.chassis.db import Transaction
from services.chassis.doors import command, query
from services.claims import usecases
from services.contracts.base import write
from services.contracts.claims import commands, views

Answer = dict[str, Any]


class LinkageDoors:
    @command(commands.LinkParty)
    def link_party(self, tx: Transaction, **party: Any) -> Answer:
        item = usecases.link_party(tx, **party, actor=tx.actor, now=tx.now)
        return write(views.LinkageView, usecases.show_linkage(tx, item, actor=tx.actor))

    @command(commands.UnlinkParty)
    def unlink_party(self, tx: Transaction, **wanted: Any) -> Answer:
        item = usecases.unlink_party(tx, **wanted, actor=tx.actor, now=tx.now)
        return write(views.LinkageView, usecases.show_linkage(tx, item, actor=tx.actor))

    @query(commands.GetLinkage)
    def get_linkage(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.LinkageView, usecases.get_linkage(tx, **wanted, actor=tx.actor))

    @command(commands.RegisterSocialOrganisation)
    def register_social_organisation(self, tx: Transaction, **fields: Any) -> Answer:
        registered = usecases.register_social_organisation(tx, **fields, actor=tx.actor, now=tx.now)
        return write(views.SocialOrganisationView, registered)

    @command(commands.ChangeSocialOrganisation)
    def change_social_organisation(self, tx: Transaction, **fields: Any) -> Answer:
        changed = usecases.change_social_organisation(tx, **fields, actor=tx.actor, now=tx.now)
        return write(views.SocialOrganisationView, changed)

    @query(commands.GetSocialOrganisation)
    def get_social_organisation(self, tx: Transaction, **wanted: Any) -> Answer:
        return write(views.SocialOrganisationView, usecases.get_social_organisation(tx, **wanted))

    @query(commands.ListSocialOrganisations)
    def list_social_organisations(self, tx: Transaction, **wanted: Any) -> Answer:
        found, more = usecases.list_social_organisations(tx, **wanted)
        return write(views.SocialOrganisationPage, {"items": found, "next": more})
