import time, random
from tests.federation.world.test_feed import linked, read, shown
from tests.federation.world.feed_posts import Posts
from tests.benchmarks.feed import WORDS
from federation.members import feed as fm
from federation.members.feed_of import feed_of

async def test_prof(world):
    a, b = await linked(world, "alfa", "beta")
    await a.ask("feed.choose", shown_here=False)
    posts = await Posts.of(b)
    await posts.place("1", title="x")
    r = random.Random(1); w = WORDS.split()
    n = 10000
    rows = [(str(i), " ".join(r.choices(w,k=4)), " ".join(r.choices(w,k=40)), str(r.choice([1000,2000,9000]))) for i in range(2, n+2)]
    t=time.perf_counter()
    await b.node.pool.execute("INSERT INTO plain.post (post, account, title, text, postcode, want, visibility, placed_at_s, expires_at_s) SELECT p,$1,t,x,c,false,'interlets',1700000000,1900000000 FROM unnest($2::text[],$3::text[],$4::text[],$5::text[]) AS u(p,t,x,c)", posts._account, *zip(*rows))
    print("own insert", time.perf_counter()-t)
    T = {"get":0,"check":0,"keep":0,"rows":0}
    get = a.node.client.get
    async def tget(*x, **k):
        t=time.perf_counter()
        try: return await get(*x, **k)
        finally: T["get"]+=time.perf_counter()-t
    a.node.client.get = tget
    check = fm.check_page
    def tcheck(*x, **k):
        t=time.perf_counter()
        try: return check(*x, **k)
        finally: T["check"]+=time.perf_counter()-t
    fm.check_page = tcheck
    cols = fm.columns_of
    def tcols(*x, **k):
        t=time.perf_counter()
        try: return cols(*x, **k)
        finally: T["rows"]+=time.perf_counter()-t
    fm.columns_of = tcols
    R = feed_of(a.node).reader
    keep = R._keep
    async def tkeep(*x, **k):
        t=time.perf_counter()
        try: return await keep(*x, **k)
        finally: T["keep"]+=time.perf_counter()-t
    R._keep = tkeep
    t=time.perf_counter()
    await a.ask("feed.choose", shown_here=True)
    while (await a.node.pool.fetchval("SELECT count(*) FROM plain.feed WHERE refreshed_at_s>0")) < 1:
        import asyncio; await asyncio.sleep(0.05)
    print("TOTAL", time.perf_counter()-t, T)
    t=time.perf_counter()
    await a.node.pool.execute("UPDATE plain.feed SET epoch=''")
    T.update(dict.fromkeys(T,0))
    s = await read(a,b)
    print("AGAIN", time.perf_counter()-t, T, s)
