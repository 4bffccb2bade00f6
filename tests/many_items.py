"""Very many items, put straight into the database of claims: half of them claimed, a third scored."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from services.contracts.claims.terms import Category, ClaimStatus, ItemStatus, ServiceClass

LISTS = 40
TITLES = (
    "单元门前清雪",
    "活动室暖气维修",
    "独居老人送餐",
    "楼道灯更换",
    "健身器材检修",
    "围墙外垃圾清运",
    "文艺演出",
    "法律咨询",
)

_LISTS = """
    INSERT INTO claim_lists (claim_list_id, title, file_name, file_hash, imported_at, imported_by, imported_by_id,
                             version)
    SELECT gen_random_uuid(), '清单 ' || n, n || '.xlsx', md5(n::text) || md5('x' || n), now(), '管理员', 'admin', 1
    FROM generate_series(1, :lists) AS n
"""
# Cheap and stable: every choice follows from the number, and no two choices go round together.
_ITEMS = """
    INSERT INTO items (item_id, community_id, claim_list_id, code, title, service_class, category, description,
                       beneficiaries, quantity, measure, budget_fen, supports, place, grid_code, due_on, status,
                       claimed_quantity, percent, party_study_on, published_at, claim_until_on, assessment_comment,
                       score_explanation, version)
    SELECT gen_random_uuid(),
           (CAST(:communities AS uuid[]))[1 + n % :community_count],
           (SELECT array_agg(claim_list_id) FROM claim_lists)[1 + (n / 7) % :lists],
           'RL-' || (2023 + n / 30000) || '-' || (10000 + n % 30000),
           (CAST(:titles AS text[]))[1 + (n / 3) % :title_count] || ' ' || n,
           (CAST(:classes AS text[]))[1 + (n / 5) % :class_count],
           (CAST(:categories AS text[]))[1 + (n / 11) % :category_count],
           '每次不少于两人，完成后拍照。', n % 900, 4, '次', n * 100, '{}', '二道街', '',
           CURRENT_DATE + (n % 400) - 200, status, CASE WHEN is_claimed THEN 4 ELSE 0 END, 0,
           CURRENT_DATE, now(), CURRENT_DATE + 30, '', '{}', 1
    FROM (SELECT n, status, status NOT IN ('draft', 'published') AS is_claimed
          FROM (SELECT n, (CAST(:statuses AS text[]))[1 + (n / 13) % :status_count] AS status
                FROM generate_series(1, :items) AS n) AS chosen) AS each
"""
_CLAIMS = """
    WITH claimed AS (
        INSERT INTO claims (claim_id, item_id, kind, quantity, status, percent, note, agreement, summary, claimed_at)
        SELECT gen_random_uuid(), item_id, 'whole', 4, :status, 0, '', '', '', now()
        FROM items WHERE claimed_quantity > 0
        RETURNING claim_id
    )
    INSERT INTO claim_parties (claim_id, position, unit_id)
    SELECT claim_id, 0, (CAST(:units AS uuid[]))[1 + row_number() OVER () % :unit_count] FROM claimed
"""
_POLLS = """
    INSERT INTO poll_results (poll_id, item_id, sampled, answered, satisfaction_percent, score,
                              is_sample_sufficient)
    SELECT gen_random_uuid(), item_id, 60, 40, 90, 81.25, true FROM items WHERE status IN ('scored', 'commended')
"""


def fill(
    connection: sa.Connection, *, items: int, community_ids: Sequence[UUID], unit_ids: Sequence[UUID]
) -> None:
    """Into a database that has these communities and units; its statistics are up to date afterwards."""
    chosen = {
        "titles": list(TITLES),
        "classes": [one.value for one in ServiceClass],
        "categories": [one.value for one in Category],
        "statuses": [one.value for one in ItemStatus],
    }
    counts = {
        "title_count": len(TITLES),
        "class_count": len(ServiceClass),
        "category_count": len(Category),
        "status_count": len(ItemStatus),
    }
    connection.execute(sa.text(_LISTS), {"lists": LISTS})
    connection.execute(
        sa.text(_ITEMS),
        {
            **chosen,
            **counts,
            "items": items,
            "lists": LISTS,
            "communities": [str(one) for one in community_ids],
            "community_count": len(community_ids),
        },
    )
    claimed = {"status": ClaimStatus.CONFIRMED.value, "unit_count": len(unit_ids)}
    connection.execute(sa.text(_CLAIMS), {**claimed, "units": [str(one) for one in unit_ids]})
    connection.execute(sa.text(_POLLS))
    connection.execute(sa.text("ANALYZE"))
