"""Templates that a city brought for its documents; the newest of a kind is in force, older ones are kept."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.storage.tables import document_templates


@dataclass(frozen=True, kw_only=True)
class DocumentTemplate:
    template_id: UUID
    file_name: str
    adopted_by: str
    adopted_at: datetime
    content: bytes = field(repr=False)


def adopt(
    session: Session,
    *,
    template_id: UUID,
    kind: str,
    file_name: str,
    content: bytes,
    adopted_by: str,
    now: datetime,
) -> None:
    """Once, however often it is asked."""
    session.execute(
        insert(document_templates)
        .values(
            template_id=template_id,
            kind=kind,
            file_name=file_name,
            content=content,
            adopted_by=adopted_by,
            adopted_at=now,
        )
        .on_conflict_do_nothing()
    )


def find_in_force(session: Session, kind: str) -> DocumentTemplate | None:
    """None: the platform's own."""
    wanted = (
        sa.select(document_templates)
        .where(document_templates.c.kind == kind)
        .order_by(document_templates.c.adopted_at.desc(), document_templates.c.template_id.desc())
        .limit(1)
    )
    row = session.execute(wanted).one_or_none()
    if row is None:
        return None
    return DocumentTemplate(
        template_id=row.template_id,
        file_name=row.file_name,
        adopted_by=row.adopted_by,
        adopted_at=row.adopted_at,
        content=bytes(row.content),
    )
