#!/usr/bin/env python3
"""Makes up an instance of booking: residents, therapists' slots, who may take which, and what each pair costs.

  instances.py NAME --n 1500 --inst 1 --ratio 2.0 --tight 0.0 --seed 1 [--one]

Writes NAME.bin (little endian, see write_bin). The same arguments give the same bytes; nobody in it exists.
Structure: states > institutions > sites > programmes > cohorts (programme x year x clinic group) > residents.
A cohort shares its protected half-days; a programme shares its therapist panel; residents differ by
nights, post-call days, vacation, supervisor, modality, gender and language wishes.
Time grid: 8 weeks x 5 days x 8 hours = 320 hour cells; half-day = 4 hours.
"""
import argparse

import numpy as np

W, D, H = 8, 5, 8
T = W * D * H
FAIR = [(0.40, 0), (0.60, 10), (0.75, 25), (0.90, 50), (1.0, 100)]  # share of offered places: marginal cost


def split(total, mean, rng, lo=1):
    out, left = [], total
    while left > 0:
        k = int(min(left, max(lo, rng.lognormal(np.log(mean), 0.7))))
        out.append(k)
        left -= k
    return out


def generate(n, inst, ratio, tight, seed, single_programme=False):
    rng = np.random.default_rng(seed)
    # --- places
    sizes = rng.lognormal(0, 0.9, inst)
    sizes = np.maximum(8, np.floor(sizes / sizes.sum() * n)).astype(int)
    sizes[np.argmax(sizes)] += n - sizes.sum()
    pst = 1 / np.arange(1, 52) ** 0.8
    inst_state = rng.choice(51, inst, p=pst / pst.sum())
    # --- therapists: one at a time until enough places are offered
    want, offered = int(n * ratio), 0
    th_kind, th_inst, th_site, th_state, th_fem, th_lang, th_lic = [], [], [], [], [], [], []
    s_time, s_ther, s_cap = [], [], []
    inst_sites = 1 + sizes // 300
    cum = np.cumsum(sizes) / n
    quota = {}
    while offered < want:
        t = len(th_kind)
        tele = rng.random() < 0.35
        i = int(np.searchsorted(cum, (offered / want + 1e-9) % 1.0))  # fill institutions in proportion to size
        i = min(i, inst - 1)
        th_kind.append(tele); th_inst.append(i); th_site.append(int(rng.integers(inst_sites[i])))
        st = int(inst_state[i]); th_state.append(st)
        lic = {st}
        if tele and rng.random() < 0.5:
            lic |= set(rng.choice(51, int(rng.integers(1, 7)), p=pst / pst.sum()).tolist())
        th_lic.append(lic)
        th_fem.append(rng.random() < 0.65)
        th_lang.append(0 if rng.random() < 0.8 else int(rng.integers(1, 5)))
        group = rng.random() < 0.04
        half = rng.choice(10, int(rng.integers(1, 4)), replace=False)
        vac = int(rng.integers(W)) if rng.random() < 0.3 else -1
        for w in range(W):
            if w == vac:
                continue
            for h in half:
                base = w * D * H + (h // 2) * H + (h % 2) * 4
                hours = [0] if group else ([0, 1, 2, 3] if rng.random() < 0.6 else [0, 1, 2])
                for x in hours:
                    s_time.append(base + x); s_ther.append(t); s_cap.append(6 if group else 1)
                    offered += s_cap[-1]
    s_time = np.array(s_time); s_ther = np.array(s_ther); s_cap = np.array(s_cap)
    nt = len(th_kind)
    first = np.searchsorted(s_ther, np.arange(nt + 1))
    th_kind = np.array(th_kind); th_inst = np.array(th_inst); th_site = np.array(th_site)
    th_fem = np.array(th_fem); th_lang = np.array(th_lang)
    tele_by_state = [[] for _ in range(51)]
    for t in range(nt):
        if th_kind[t]:
            for s in th_lic[t]:
                tele_by_state[s].append(t)
    local = [np.flatnonzero((~th_kind) & (th_inst == i)) for i in range(inst)] if inst < 2000 else None
    tele_home = [np.flatnonzero(th_kind & (th_inst == i)) for i in range(inst)]
    day_of = (s_time // H)                        # 0..39
    row, cols, costs, cohort_of = [0], [], [], []
    ncoh = 0
    for i in range(inst):
        progs = [int(sizes[i])] if single_programme else split(int(sizes[i]), 14, rng, 4)
        for p in progs:
            site = int(rng.integers(inst_sites[i]))
            is_tight = rng.random() < tight
            panel = local[i]
            if len(panel) > 12:
                here = panel[th_site[panel] == site]; rest = panel[th_site[panel] != site]
                here = rng.permutation(here)[:9]; rest = rng.permutation(rest)[:12 - len(here)]
                panel = np.concatenate([here, rest])
            pool = np.array(tele_by_state[inst_state[i]], dtype=int)
            k = max(2, 6 - len(panel) // 3)
            home = rng.permutation(tele_home[i])[:k]
            extra = rng.permutation(pool)[:k] if len(pool) else pool
            panel = np.unique(np.concatenate([panel, home, extra]).astype(int))
            if is_tight:                          # a programme with a thin panel: Hall violators
                panel = rng.permutation(panel)[:max(1, p // 20)]
                panel.sort()
            S = np.concatenate([np.arange(first[t], first[t + 1]) for t in panel]) if len(panel) else np.array([], int)
            if is_tight:
                S = S[s_time[S] < 3 * D * H]      # ... and a booking window of three weeks
            St, Sth = s_time[S], s_ther[S]
            base_cost = 10 * day_of[S] + 50 * ((~th_kind[Sth]) & (th_site[Sth] != site))
            years = 3 if p < 20 else 4
            left = p
            for y in range(years):
                cls = left // (years - y); left -= cls
                while cls > 0:
                    g = min(cls, int(rng.integers(3, 9))); cls -= g
                    mask = np.zeros((W, 10, 4), bool)
                    fixed = rng.choice(10, 2, replace=False)
                    mask[:, fixed, :] = True
                    off = int(rng.integers(5))
                    for w in range(W):            # X+Y: the clinic week opens more half-days
                        if w % 5 == off:
                            mask[w, rng.choice(10, 4, replace=False), :] = True
                    if rng.random() < 0.10:       # windows by the hour, not by the half-day
                        if rng.random() < 0.5: mask[:, :, 2:] = False
                        else: mask[:, :, :2] = False
                    mask = mask.reshape(T)
                    inw = mask[St]
                    Sc, Stc, Sthc, bc = S[inw], St[inw], Sth[inw], base_cost[inw]
                    tele = th_kind[Sthc]; fem = th_fem[Sthc]; lang = th_lang[Sthc]
                    for _ in range(g):
                        ok = np.ones(len(Sc), bool)
                        if rng.random() < 0.30: ok &= Stc // (D * H) != rng.integers(W)       # nights week
                        if rng.random() < 0.15: ok &= Stc // (D * H) != rng.integers(W)       # vacation week
                        if rng.random() < 0.50: ok &= ~np.isin(Stc // H, rng.integers(0, W * D, 3))  # post-call
                        if rng.random() < 0.10 and len(panel): ok &= Sthc != rng.choice(panel)  # supervisor
                        c = bc.copy()
                        m = rng.random()
                        if m < 0.10: ok &= tele
                        elif m < 0.25: ok &= ~tele
                        elif m < 0.50: c += 40 * tele
                        x = rng.random()
                        if x < 0.30: c += 60 * ~fem
                        elif x < 0.40: c += 60 * fem
                        if rng.random() < 0.12: c += 100 * (lang != rng.integers(1, 5))
                        e = Sc[ok]
                        cols.append(e.astype(np.uint32)); costs.append(c[ok].astype(np.int32))
                        row.append(row[-1] + len(e)); cohort_of.append(ncoh)
                    ncoh += 1
    return dict(n=n, row=np.array(row, np.uint32), col=np.concatenate(cols), cost=np.concatenate(costs),
                cap=s_cap.astype(np.uint32), ther=s_ther.astype(np.uint32), time=s_time.astype(np.uint32),
                cohort=np.array(cohort_of, np.uint32), nt=nt)


def pieces(I):
    """five convex pieces per therapist: arrays cap[nt,5], marginal[5]"""
    tot = np.bincount(I['ther'], weights=I['cap'], minlength=I['nt']).astype(int)
    cut = np.floor(np.outer(tot, [f for f, _ in FAIR]) + 1e-9).astype(int); cut[:, -1] = tot
    return np.diff(np.concatenate([np.zeros((I['nt'], 1), int), cut], axis=1), axis=1), np.array([c for _, c in FAIR])


def write_bin(I, path):
    pc, pm = pieces(I)
    m = len(I['cap'])
    with open(path, 'wb') as f:
        np.array([I['n'], m, I['nt'], len(I['col']), len(pm)], np.uint32).tofile(f)
        for k, t in (('row', np.uint32), ('col', np.uint32), ('cost', np.int32), ('cap', np.uint32), ('ther', np.uint32),
                     ('time', np.uint32), ('cohort', np.uint32)):
            I[k].astype(t).tofile(f)
        pc.astype(np.uint32).tofile(f); pm.astype(np.int32).tofile(f)


def read_bin(path):
    with open(path, 'rb') as f:
        n, m, nt, a, k = np.fromfile(f, np.uint32, 5).tolist()
        g = lambda t, c: np.fromfile(f, t, c)
        I = dict(n=n, m=m, nt=nt, row=g(np.uint32, n + 1), col=g(np.uint32, a), cost=g(np.int32, a), cap=g(np.uint32, m),
                 ther=g(np.uint32, m), time=g(np.uint32, m), cohort=g(np.uint32, n))
        I['pc'] = g(np.uint32, nt * k).reshape(nt, k).astype(int); I['pm'] = g(np.int32, k)
    return I


if __name__ == '__main__':
    ap = argparse.ArgumentParser()
    ap.add_argument('name'); ap.add_argument('--n', type=int, required=True); ap.add_argument('--inst', type=int, default=1)
    ap.add_argument('--ratio', type=float, default=2.0); ap.add_argument('--tight', type=float, default=0.0)
    ap.add_argument('--seed', type=int, default=1)
    ap.add_argument('--one', action='store_true')
    a = ap.parse_args()
    I = generate(a.n, a.inst, a.ratio, a.tight, a.seed, a.one)
    write_bin(I, a.name + '.bin')
    d = np.diff(I['row'].astype(int))
    print(a.name, 'residents', a.n, 'slots', len(I['cap']), 'places', int(I['cap'].sum()), 'therapists', I['nt'], 'cohorts',
          int(I['cohort'].max()) + 1, 'arcs', len(I['col']), 'degree min/p5/med/p95/max', d.min(), *np.percentile(d, [5, 50, 95]).astype(int), d.max())
