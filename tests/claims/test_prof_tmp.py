import time, cProfile, pstats, hashlib
from services.claims import usecases
from services.claims.service import write
from services.contracts.claims import views, commands
from tests.builders import *
import sqlalchemy as sa
from services.chassis import wire
import time
def test_p(service_db):
    db = service_db("claims")
    with db.transaction() as tx:
        usecases.keep_community(tx, community_registered(HUAYUAN, HUAYUAN_CODE, "花园社区"))
    raw=[{"row_number":n,"cells":cells(title=f"事{n}")} for n in range(2,5002)]
    t=time.monotonic(); loaded=commands.ImportClaimList().load({"rows":raw,"title":"x","file_name":"x","file_hash":"a"*64}); print("shape",time.monotonic()-t)
    actor=worker()
    n=[0]
    sa.event.listen(db.engine,"before_cursor_execute",lambda *a: n.__setitem__(0,n[0]+1))
    pr=cProfile.Profile()
    t=time.monotonic()
    with db.transaction(actor=actor, now=NOW) as tx:
        pr.enable()
        r=usecases.import_claim_list(tx, **loaded, actor=actor, now=NOW)
        pr.disable()
    print("import",time.monotonic()-t, n)
    pstats.Stats(pr).sort_stats("cumtime").print_stats(25)
    raw=[{"row_number":n,"cells":cells(code=f"RL-2026-{n-1:04d}",title=f"事{n}改")} for n in range(2,5002)]
    for _ in range(2):
        t=time.monotonic()
        with db.reading(actor=actor, now=NOW) as tx:
            p=usecases.preview_claim_list(tx, rows=raw, actor=actor, now=NOW)
        print("preview",time.monotonic()-t)
    t=time.monotonic(); d=write(views.PreviewView,p); print("dump",time.monotonic()-t); t=time.monotonic(); b=wire.dumps(d); print(len(b), time.monotonic()-t)
    n[0]=0
    t=time.monotonic()
    with db.transaction(actor=actor, now=NOW) as tx:
        usecases.publish_claim_list(tx, claim_list_id=r["claim_list_id"], party_study_on=TODAY, claim_until_on=TODAY, actor=actor, now=NOW)
    print("publish", time.monotonic()-t, n)
