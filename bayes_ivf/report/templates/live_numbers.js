'use strict';
/* What a prior makes of the printed numbers, integrated in the page; and numbers written as the package writes them. */
const liveNumbers = (() => {
  class Unsafe extends Error {}
  const MOST = 3e6; // points of a table
  const REACH = 27; // nats below the peak that a table reaches: exp(-27) = 2e-12

  /* Digits ------------------------------------------------------------------------------------------------------------ */

  // decimals by the exact binary value, ties to even as Python has them; toFixed takes ties away from zero
  function fixed(value, decimals) {
    const size = Math.abs(value);
    let text = size.toFixed(decimals);
    const exact = size.toFixed(Math.min(100, decimals + 60));
    const rest = exact.slice(exact.indexOf('.') + 1 + decimals);
    if (/^50*$/.test(rest)) {
      const down = exact.slice(0, exact.indexOf('.') + (decimals ? 1 + decimals : 0));
      if (Number(down.slice(-1)) % 2 === 0) text = down;
    }
    return (value < 0 || Object.is(value, -0) ? '-' : '') + text;
  }

  function twoDigits(value) {
    if (value === 0) return Object.is(value, -0) ? '-0' : '0';
    const exact = Math.abs(value).toExponential(60);
    const tie = /^\d\.[02468]50*e/.test(exact);
    const [mantissa, power] = (tie ? exact.slice(0, 3) + exact.slice(exact.indexOf('e')) : Math.abs(value).toExponential(1)).split('e').map(Number);
    const sign = value < 0 ? '-' : '';
    if (power >= -4 && power < 2) return sign + String(Number(`${mantissa}e${power}`));
    return `${sign}${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  }

  function digitsFor(low, high, { factor = 1, least = 2, zero = 0, signed = zero === 0 } = {}) {
    const [a, b] = [factor * low, factor * high].sort((x, y) => x - y);
    const middle = factor * zero;
    const write = (decimals) => (value) => {
      const scaled = factor * value;
      const text = decimals === null ? twoDigits(scaled) : fixed(scaled, decimals);
      if (decimals !== null && !/[1-9]/.test(text)) return text.replace(/^[-+]/, '');
      return signed && text[0] !== '-' ? `+${text}` : text;
    };
    const fewest = factor === 1 && zero === 0 && b - a >= 100 ? 0 : least;
    for (let decimals = fewest; decimals <= 8; decimals += 1) {
      const unit = 10 ** -decimals;
      const clear = [a, b].every((end) => end === middle || Math.abs(Number(fixed(end, decimals)) - middle) > unit / 2);
      if (clear && (b === a || b - a >= 10 * unit) && Math.max(Math.abs(a), Math.abs(b)) < 1e7) return write(decimals);
    }
    return write(null);
  }

  function chance(value) {
    if (value > 0.999) return '>0.999';
    if (value < 0.001) return '<0.001';
    return fixed(value, value >= 0.01 && value <= 0.99 ? 2 : 3);
  }

  /* Priors: log densities up to a constant ---------------------------------------------------------------------------- */

  const FAMILIES = {
    Normal: (p) => ({ mu: p.mu, scale: p.sigma, log: (x) => -0.5 * ((x - p.mu) / p.sigma) ** 2 }),
    StudentT: (p) => ({
      mu: p.mu, scale: p.sigma, log: (x) => (-(p.nu + 1) / 2) * Math.log1p(((x - p.mu) / p.sigma) ** 2 / p.nu),
    }),
    Cauchy: (p) => ({ mu: p.alpha, scale: p.beta, log: (x) => -Math.log1p(((x - p.alpha) / p.beta) ** 2) }),
    Logistic: (p) => ({
      mu: p.mu, scale: p.s,
      log: (x) => { const z = Math.abs((x - p.mu) / p.s); return -z - 2 * Math.log1p(Math.exp(-z)); },
    }),
  };
  const prior = (spec) => FAMILIES[spec.dist](spec);

  // log of the integral of the density, by the trapezoidal rule in asinh of the distance
  function logMass(p) {
    let sum = 0;
    for (let u = -42; u <= 42; u += 0.05) sum += Math.exp(p.log(p.mu + p.scale * Math.sinh(u))) * p.scale * Math.cosh(u) * 0.05;
    return Math.log(sum);
  }

  /* Tables: rows of a density at equal steps of one coordinate ---------------------------------------------------------- */

  const CELL = [-191, 1879, -9531, 68323, 68323, -9531, 1879, -191].map((w) => w / 120960);
  const DIVISORS = [-5040, 720, -240, 144, -144, 240, -720, 5040];

  // weights of eight neighbors, three below the cell's start and four above, at a fraction t of the cell
  function lagrange(t, out) {
    let before = 1;
    for (let i = 0; i < 8; i += 1) { out[i] = before / DIVISORS[i]; before *= t - (i - 3); }
    let after = 1;
    for (let i = 7; i >= 0; i -= 1) { out[i] *= after; after *= t - (i - 3); }
  }
  const scratch = new Float64Array(8);

  const STRAIGHT = { x: (u) => u, u: (x) => x, slope: () => 1 };
  const bent = (mu, scale) => ({
    x: (u) => mu + scale * Math.sinh(u), u: (x) => Math.asinh((x - mu) / scale), slope: (u) => scale * Math.cosh(u),
  });

  class Table {
    constructor(rows, columns, start, step, f, map = STRAIGHT) {
      Object.assign(this, { rows, columns, start, step, f, map });
      this.c = new Float64Array(f.length);
      this.total = 0;
      for (let r = 0; r < rows; r += 1) {
        const from = r * columns;
        for (let j = 0, sum = 0; j < columns - 1; j += 1) {
          for (let k = 0; k < 8; k += 1) {
            const at = j + k - 3;
            if (at >= 0 && at < columns) sum += CELL[k] * f[from + at];
          }
          this.c[from + j + 1] = sum;
        }
        this.total += this.c[from + columns - 1];
      }
      for (let i = 0; i < f.length; i += 1) this.c[i] *= step;
      this.total *= step;
      if (!(this.total > 0) || !Number.isFinite(this.total)) throw new Unsafe('nothing to integrate');
    }

    look(values, r, x, last) {
      const t = (this.map.u(x) - this.start) / this.step;
      const j = Math.floor(t);
      if (j < -4) return 0;
      if (!(j < this.columns + 4)) return last ? values[r * this.columns + this.columns - 1] : 0;
      lagrange(t - j, scratch);
      let sum = 0;
      for (let k = 0; k < 8; k += 1) {
        const at = j + k - 3;
        if (at >= 0) sum += scratch[k] * (at < this.columns ? values[r * this.columns + at] : last ? values[(r + 1) * this.columns - 1] : 0);
      }
      return sum;
    }

    below(threshold) {
      let sum = 0;
      for (let r = 0; r < this.rows; r += 1) sum += this.look(this.c, r, threshold(r), true);
      return Math.min(1, Math.max(0, sum / this.total));
    }

    density(threshold, slope) {
      let sum = 0;
      for (let r = 0; r < this.rows; r += 1) {
        const x = threshold(r);
        sum += (this.look(this.f, r, x, false) * slope(r, x)) / this.map.slope(this.map.u(x));
      }
      return Math.max(0, sum / this.total);
    }
  }

  function root(f, low, high) {
    let [a, b, fa, fb] = [low, high, f(low), f(high)];
    if (!(fa <= 0 && fb >= 0)) throw new Unsafe('a quantile lies outside');
    for (let i = 0; i < 200 && b - a > 1e-13 * (1 + Math.abs(a) + Math.abs(b)); i += 1) {
      let m = i % 3 === 2 ? (a + b) / 2 : (a * fb - b * fa) / (fb - fa);
      if (!(m > a && m < b)) m = (a + b) / 2;
      const fm = f(m);
      if (Math.abs(fm) < 1e-13) return m;
      if (fm < 0) [a, fa] = [m, fm]; else [b, fb] = [m, fm];
    }
    return (a + b) / 2;
  }

  /* Two risks: counts, and embryos whose likelihood is summed over nodes of their correlation ---------------------------- */

  const logRisk = (x) => (x < 0 ? x - Math.log1p(Math.exp(x)) : -Math.log1p(Math.exp(-x)));

  function countArm(events, n) {
    const center = Math.log((events + 0.5) / (n - events + 0.5));
    const scale = Math.sqrt(1 / (events + 0.5) + 1 / (n - events + 0.5));
    const grid = [];
    for (let u = -4.8; u < 4.81; u += 0.12) grid.push(center + scale * Math.sinh(u));
    return { scale, grid, log: (x) => events * logRisk(x) + (n - events) * logRisk(-x) };
  }

  function tabulatedArm(table, values) {
    const grid = values.map((_, i) => table.start + i * table.step);
    let best = 3;
    values.forEach((v, i) => { if (v > values[best] && i > 2 && i < values.length - 3) best = i; });
    const curvature = -(values[best - 1] - 2 * values[best] + values[best + 1]) / table.step ** 2;
    const log = (x) => {
      const t = (x - table.start) / table.step;
      const j = Math.floor(t);
      if (j < 3 || j + 4 >= values.length) return -Infinity;
      lagrange(t - j, scratch);
      let sum = 0;
      for (let k = 0; k < 8; k += 1) sum += scratch[k] * values[j + k - 3];
      return sum;
    };
    return { scale: Math.min(2, Math.max(curvature, 0.1) ** -0.5), grid, log };
  }

  // values at one correlation by barycentric interpolation over Gauss-Legendre nodes
  function atCorrelation(table, arm, rho) {
    const { nodes, weights, ends } = table;
    if (!(rho >= nodes[0] && rho <= nodes[nodes.length - 1])) throw new Unsafe('the correlation lies outside its prior');
    const hit = nodes.indexOf(rho);
    if (hit >= 0) return arm[hit];
    const share = nodes.map((x, k) => ((k % 2 ? -1 : 1) * Math.sqrt((x - ends[0]) * (ends[1] - x) * weights[k])) / (rho - x));
    const sum = share.reduce((s, w) => s + w, 0);
    return arm[0].map((_, i) => share.reduce((s, w, k) => s + w * arm[k][i], 0) / sum);
  }

  // arms: for each node of what is shared, treatment and control; all nodes have weights
  function arms(data, rho) {
    if (data.events) return [{ log: 0, pair: [0, 1].map((i) => countArm(data.events[i], data.n[i])) }];
    const { table } = data;
    if (rho !== null) return [{ log: 0, pair: table.arms.map((arm) => tabulatedArm(table, atCorrelation(table, arm, rho))) }];
    return table.nodes.map((_, k) => ({
      log: Math.log(table.weights[k]) + table.prior[k], pair: table.arms.map((arm) => tabulatedArm(table, arm[k])),
    })).filter((node) => node.log > -Infinity);
  }

  function risks(data, chosen, rho) {
    const nodes = arms(data, rho);
    const effect = chosen.effect && prior(chosen.effect);
    const first = chosen.first && prior(chosen.first);
    const onControl = chosen.coding === 'control';
    const onArms = (xt, xc) => chosen.arms.reduce(
      (s, p, i) => s + p.alpha * logRisk(i ? xc : xt) + p.beta * logRisk(-(i ? xc : xt)), 0);
    const near = (p, x, width) => p.log(Math.min(Math.max(p.mu, x - width), x + width));
    const [gt, gc] = nodes[0].pair.map((arm) => arm.grid);
    const tabulated = nodes.map((node) => node.pair.map((arm) => arm.grid.map(arm.log)));
    const width = (g, i) => (g[Math.min(i + 1, g.length - 1)] - g[Math.max(i - 1, 0)]) / 2;
    const log = (i, k) => {
      const terms = nodes.map((node, q) => node.log + tabulated[q][0][i] + tabulated[q][1][k]);
      const top = Math.max(...terms);
      const both = width(gt, i) + width(gc, k);
      const given = effect
        ? near(effect, gt[i] - gc[k], both) + (onControl ? near(first, gc[k], both) : near(first, (gt[i] + gc[k]) / 2, both / 2))
        : onArms(gt[i], gc[k]);
      return top === -Infinity ? top : top + given + Math.log(terms.reduce((s, t) => s + Math.exp(t - top), 0));
    };
    let kept = [];
    let peak = -Infinity;
    for (let i = 0; i < gt.length; i += 1) for (let k = 0; k < gc.length; k += 1) {
      const value = log(i, k);
      if (value > peak) peak = value;
      if (value > peak - 40) kept.push([i, k, value]);
    }
    kept = kept.filter((each) => each[2] > peak - 40);
    const box = [Infinity, -Infinity, Infinity, -Infinity];
    for (const [i, k] of kept) {
      const both = width(gt, i) + width(gc, k);
      const [a, d] = [(gt[i] + gc[k]) / 2, gt[i] - gc[k]];
      box[0] = Math.min(box[0], a - both / 2); box[1] = Math.max(box[1], a + both / 2);
      box[2] = Math.min(box[2], d - both); box[3] = Math.max(box[3], d + both);
    }
    if (kept.some(([i, k, value]) => (i < 4 || k < 4 || i > gt.length - 5 || k > gc.length - 5) && value > peak - REACH)) {
      throw new Unsafe('the prior reaches beyond what the page knows of the data');
    }
    const [st, sc] = [0, 1].map((arm) => Math.min(...nodes.map((node) => node.pair[arm].scale)));
    const sd = (data2, p) => (p ? (data2 ** -2 + p.scale ** -2) ** -0.5 : data2);
    const stepD = sd(Math.hypot(st, sc), effect);
    const stepA = sd(Math.hypot(st, sc) / 2, first);

    function tabulate(level) {
      const h = stepD / (2.5 * 2 ** level) / 2;
      const m = Math.max(1, Math.floor(stepA / (2.5 * 2 ** level) / h));
      const [i0, i1] = [Math.floor(box[0] / (m * h)), Math.ceil(box[1] / (m * h))];
      const [j0, j1] = [Math.floor(box[2] / (2 * h)), Math.ceil(box[3] / (2 * h))];
      const [rows, columns] = [i1 - i0 + 1, j1 - j0 + 1];
      if (rows * columns > MOST) throw new Unsafe('the prior is too narrow or too wide for the page');
      const [t0, c0, size] = [i0 * m + j0, i0 * m - j1, (i1 - i0) * m + (j1 - j0) + 1];
      const value = nodes.map((node) => node.pair.map((arm, which) => {
        const out = new Float64Array(size);
        for (let q = 0; q < size; q += 1) out[q] = arm.log(((which ? c0 : t0) + q) * h);
        return out;
      }));
      const onD = new Float64Array(columns);
      if (effect) for (let j = 0; j < columns; j += 1) onD[j] = effect.log((j0 + j) * 2 * h);
      const f = new Float64Array(rows * columns);
      f.fill(-Infinity);
      let top = -Infinity;
      const loose = nodes.map(() => 0);
      for (let r = 0; r < rows; r += 1) for (let j = 0; j < columns; j += 1) {
        const [t, c] = [r * m + j, r * m + (columns - 1 - j)];
        let highest = -Infinity;
        for (let q = 0; q < value.length; q += 1) {
          loose[q] = nodes[q].log + value[q][0][t] + value[q][1][c];
          if (loose[q] > highest) highest = loose[q];
        }
        if (highest === -Infinity) continue;
        const given = effect ? onD[j] + first.log(onControl ? (c0 + c) * h : (i0 + r) * m * h) : onArms((t0 + t) * h, (c0 + c) * h);
        if (highest + given < top - 50) continue;
        let sum = 1;
        if (value.length > 1) {
          sum = 0;
          for (let q = 0; q < value.length; q += 1) if (loose[q] > highest - 40) sum += Math.exp(loose[q] - highest);
        }
        const log = highest + given + Math.log(sum);
        f[r * columns + j] = log;
        if (log > top) top = log;
      }
      const [ra, rb, ca, cb] = settle(f, rows, columns, top);
      const at = (i) => i * m * h;
      box[0] = at(i0 + ra - 2); box[1] = at(i0 + rb + 2); box[2] = (j0 + ca - 4) * 2 * h; box[3] = (j0 + cb + 4) * 2 * h;
      const table = new Table(rows, columns, j0 * 2 * h, 2 * h, f);
      const a = (r) => (i0 + r) * m * h;
      const level2 = (s, x) => {
        const z = Math.abs(s) * Math.cosh(x);
        return 2 * Math.sign(s) * Math.log((z + Math.sqrt(z * z + 1 - s * s)) / (1 - Math.abs(s)));
      };
      const low = (p) => Math.log(p / (1 - p));
      return {
        table,
        told: { threshold: (s) => (r) => level2(s, a(r)), low: -1 + 1e-9, high: 1 - 1e-9, back: (z) => z,
          slope: (r, d) => { const [p, q] = [a(r) + d / 2, a(r) - d / 2].map((x) => Math.exp(logRisk(x) + logRisk(-x))); return 2 / (p + q); } },
        rare: () => table.below((r) => 2 * (low(0.01) - a(r))) > 0.5 && table.below((r) => 2 * (a(r) - low(0.01))) < 0.5,
      };
    }

    const mass = effect ? logMass(first) + logMass(effect)
      : chosen.arms.reduce((sum, p) => sum + logMass({ mu: 0, scale: 1, log: (x) => p.alpha * logRisk(x) + p.beta * logRisk(-x) }), 0);
    // along the average of the log odds nothing is singular; along one arm it is where the other's risk is 0 or 1
    function priorDensity(s) {
      let sum = 0;
      const spread = (x) => Math.exp(logRisk(x) + logRisk(-x));
      const wide = first ? first.scale : 4;
      for (let u = -6; u <= 6; u += 0.04) {
        const x = (first ? first.mu : 0) + wide * Math.sinh(u);
        const z = Math.abs(s) * Math.cosh(x);
        const d = 2 * Math.sign(s) * Math.log((z + Math.sqrt(z * z + 1 - s * s)) / (1 - Math.abs(s)));
        const [xt, xc] = [x + d / 2, x - d / 2];
        const log = effect ? first.log(onControl ? xc : x) + effect.log(d) : onArms(xt, xc);
        const value = Math.exp(log - mass) * wide * Math.cosh(u) * 0.04 * 2 / (spread(xt) + spread(xc));
        if (Number.isFinite(value)) sum += value;
      }
      return sum;
    }
    return { tabulate, priorDensity };
  }

  // turn logs into values relative to the peak; return rows and columns that reach above the last nats
  function settle(f, rows, columns, top) {
    let [ra, rb, ca, cb] = [rows, -1, columns, -1];
    for (let r = 0; r < rows; r += 1) for (let j = 0; j < columns; j += 1) {
      const log = f[r * columns + j] - top;
      if (log > -REACH - 3) { ra = Math.min(ra, r); rb = Math.max(rb, r); ca = Math.min(ca, j); cb = Math.max(cb, j); }
      f[r * columns + j] = Math.exp(log);
    }
    return [ra, rb, ca, cb];
  }

  /* Two means, their standard deviations integrated ---------------------------------------------------------------------- */

  function means(data, chosen) {
    const effect = prior(chosen.effect);
    const { mean, sd, n } = data;
    const gap = mean[0] - mean[1];
    const half = n.map((each) => (each - 1) / 2);
    const scales = n.map((each) => (2 * (each - 1)) ** -0.5);
    const logs = sd.map(Math.log);
    const onSigma = (arm, x) => { const g = Math.min(2 * (logs[arm] - x), 600); return half[arm] * (g - Math.exp(g)); };
    const given = (a, b) => {
      const [va, vb] = [Math.exp(2 * a), Math.exp(2 * b)];
      const v = va / n[0] + vb / n[1];
      return { s: Math.sqrt((va + vb) / 2), v, log: onSigma(0, a) + onSigma(1, b) - 0.5 * Math.log(v) };
    };
    const printed = given(...logs);
    const se = Math.sqrt(printed.v) / printed.s;
    const candidates = [];
    for (let u = -7; u <= 7; u += 0.25) candidates.push(effect.mu + effect.scale * Math.sinh(u), gap / printed.s + se * Math.sinh(u));
    candidates.sort((x, y) => x - y);
    const onCandidates = candidates.map(effect.log);
    const box = [Infinity, -Infinity, Infinity, -Infinity, Infinity, -Infinity];
    let points = [];
    let peak = -Infinity;
    for (let u = -3; u <= 6; u += 0.25) for (let w = -3; w <= 6; w += 0.25) {
      const [a, b] = [logs[0] + scales[0] * Math.sinh(u), logs[1] + scales[1] * Math.sinh(w)];
      const row = given(a, b);
      candidates.forEach((d, i) => {
        const log = row.log + onCandidates[i] - 0.5 * (gap - d * row.s) ** 2 / row.v;
        if (log > peak) peak = log;
        if (log > peak - 45) points.push([a, b, i, log, u, w]);
      });
    }
    points = points.filter((each) => each[3] > peak - 45);
    for (const [a, b, i] of points) {
      const ends = [candidates[Math.max(0, i - 1)], candidates[Math.min(candidates.length - 1, i + 1)]];
      [[a, a], [b, b], ends].forEach(([low, high], k) => {
        box[2 * k] = Math.min(box[2 * k], low); box[2 * k + 1] = Math.max(box[2 * k + 1], high);
      });
    }
    const stepD = (effect.scale ** -2 + se ** -2) ** -0.5;

    function tabulate(level) {
      const steps = [...scales.map((each) => each / 1.5 ** level), stepD / (2.5 * 2 ** level)];
      const count = steps.map((step, k) => Math.ceil((box[2 * k + 1] - box[2 * k]) / step) + 1);
      const columns = count[2];
      const onD = Float64Array.from({ length: columns }, (_, j) => effect.log(box[4] + j * steps[2]));
      const line = new Float64Array(columns);
      const [kept, pooled] = [[], []];
      const inner = [Infinity, -Infinity, Infinity, -Infinity, Infinity, -Infinity];
      const widen = (k, x) => { inner[k] = Math.min(inner[k], x); inner[k + 1] = Math.max(inner[k + 1], x); };
      for (let i = 0; i < count[0]; i += 1) for (let k = 0; k < count[1]; k += 1) {
        const [a, b] = [box[0] + i * steps[0], box[2] + k * steps[1]];
        const row = given(a, b);
        let [first, last] = [columns, -1];
        for (let j = 0; j < columns; j += 1) {
          const away = gap - (box[4] + j * steps[2]) * row.s;
          line[j] = row.log + onD[j] - 0.5 * away * away / row.v - peak;
          if (line[j] > -REACH - 4) { if (first > j) first = j; last = j; }
        }
        if (last < 0) continue;
        widen(0, a); widen(2, b); widen(4, box[4] + first * steps[2]); widen(4, box[4] + last * steps[2]);
        kept.push(line.map(Math.exp));
        pooled.push(row.s);
        if (kept.length * columns > MOST) throw new Unsafe('the prior and the data lie too far apart for the page');
      }
      const f = new Float64Array(kept.length * columns);
      kept.forEach((each, r) => f.set(each, r * columns));
      const table = new Table(kept.length, columns, box[4], steps[2], f);
      const [low, high] = [box[4], box[5]];
      for (let k = 0; k < 6; k += 1) box[k] = inner[k] + (k % 2 ? 3 : -3) * steps[k >> 1];
      const most = Math.max(Math.abs(low), Math.abs(high)) * pooled.reduce((x, y) => Math.max(x, y), 0);
      return {
        table,
        told: { threshold: (s) => (r) => s / pooled[r], low: -most, high: most, back: (z) => z, slope: (r) => 1 / pooled[r] },
        drawn: { threshold: (s) => () => s, low, high, back: (z) => z, slope: () => 1 },
      };
    }
    const mass = logMass(effect);
    return { tabulate, priorDensity: (s) => Math.exp(effect.log(s) - mass) };
  }

  /* One effect: words of a claim, or an estimate with its standard error -------------------------------------------------- */

  function alone(data, chosen, doubt) {
    const effect = prior(chosen.effect);
    const map = bent(effect.mu, effect.scale);
    let outside = () => false; // where a table has ended and the likelihood goes on falling
    let likelihood;
    if (data.claim) {
      const { start, step, log } = data.claim;
      likelihood = (d) => {
        const t = Math.min(Math.max((d - start) / step, 0), log.length - 1);
        const j = Math.min(Math.max(Math.floor(t), 3), log.length - 5);
        lagrange(t - j, scratch);
        let sum = 0;
        for (let k = 0; k < 8; k += 1) sum += scratch[k] * log[j + k - 3];
        return doubt ? Math.log((1 - doubt) * Math.exp(sum) + doubt) : sum;
      };
      const end = start + step * (log.length - 1);
      if (!doubt) outside = (x) => (x < start && log[0] < -1e-9) || (x > end && log[log.length - 1] < -1e-9);
    } else likelihood = (d) => -0.5 * ((data.estimate - d) / data.se) ** 2;
    const log = (u) => { const x = map.x(u); return likelihood(x) + effect.log(x) + Math.log(map.slope(u)); };
    let [low, high] = [Infinity, -Infinity];
    let peak = -Infinity;
    const scan = [];
    for (let u = -60; u <= 60; u += 0.01) { const value = log(u); scan.push([u, value]); if (value > peak) peak = value; }
    for (const [u, value] of scan) if (value > peak - REACH - 4) { low = Math.min(low, u - 0.02); high = Math.max(high, u + 0.02); }
    if (scan.some(([u, value]) => value > peak - REACH && outside(map.x(u)))) throw new Unsafe('the prior reaches beyond what the page knows of the claim');
    function tabulate(level) {
      const columns = Math.ceil((high - low) / (0.16 / 2 ** level)) + 1;
      const step = (high - low) / (columns - 1);
      const f = Float64Array.from({ length: columns }, (_, j) => Math.exp(log(low + j * step) - peak));
      const table = new Table(1, columns, low, step, f, map);
      const ends = [map.x(low), map.x(high)].map(Math.abs);
      const told = data.even
        ? { threshold: (s) => () => s, low: 0, high: Math.asinh(Math.max(...ends)), back: Math.sinh, slope: () => 1, even: true }
        : { threshold: (s) => () => s, low, high, back: map.x, slope: () => 1 };
      return { table, told, drawn: told };
    }
    const mass = logMass(effect);
    const density = (s) => Math.exp(effect.log(s) - mass);
    return { tabulate, deep: true, priorDensity: data.even ? (s) => density(s) + density(-s) : density };
  }

  /* Answers --------------------------------------------------------------------------------------------------------------- */

  function answers(outcome, solved, level) {
    const { table, told } = solved;
    const drawn = solved.drawn || told;
    const below = (q, s) => (q.even ? table.below(q.threshold(s)) - table.below(q.threshold(-s)) : table.below(q.threshold(s)));
    const quantile = (p) => told.back(root((z) => below(told, told.back(z)) - p, told.low, told.high));
    const tail = (1 - level) / 2;
    const found = { median: quantile(0.5), ci_low: quantile(tail), ci_high: quantile(1 - tail) };
    const toward = (s) => (outcome.sign > 0 ? 1 - below(drawn, s) : below(drawn, -s));
    if (outcome.sign && !told.even) {
      found.p_benefit = toward(0);
      if (outcome.mcid !== null) found.p_beyond_mcid = toward(outcome.mcid);
    }
    return found;
  }

  // halve the steps until no answer moves
  function solve(outcome, chosen, setting, level) {
    const { data } = outcome;
    const model = data.mean ? means(data, chosen) : data.events || data.table ? risks(data, chosen, setting.icc) : alone(data, chosen, setting.doubt);
    let before = null;
    for (let halving = 0; halving < (model.deep ? 12 : 7); halving += 1) {
      const solved = model.tabulate(halving);
      const found = answers(outcome, solved, level);
      const width = found.ci_high - found.ci_low;
      const moved = before === null || Object.keys(found).some(
        (key) => !(Math.abs(found[key] - before[key]) < (model.deep ? 0.01 : 1) * (key.startsWith('p_') ? 2e-6 : 2e-5 * width)));
      if (!moved) return { found, curve: curve(solved, model, level), rare: solved.rare ? solved.rare() : false };
      before = found;
    }
    throw new Unsafe('the sums do not settle');
  }

  function curve({ table, told, drawn }, model, level) {
    const q = drawn || told;
    const quantile = (p) => q.back(root((z) => (q.even ? table.below(q.threshold(q.back(z))) - table.below(q.threshold(-q.back(z))) : table.below(q.threshold(q.back(z)))) - p, q.low, q.high));
    const tail = (1 - level) / 2;
    const [low, high] = [quantile(tail), quantile(1 - tail)];
    const limits = [low - 0.7 * (high - low), high + 0.7 * (high - low)].map((x) => Math.min(Math.max(x, told.back(told.low)), told.back(told.high)));
    if (drawn) limits.splice(0, 2, q.even ? 0 : low - 0.7 * (high - low), high + 0.7 * (high - low));
    const points = [];
    for (let i = 0; i <= 120; i += 1) {
      const x = limits[0] + ((limits[1] - limits[0]) * i) / 120;
      const slope = (r, d) => q.slope(r, d);
      const after = table.density(q.threshold(x), slope) + (q.even ? table.density(q.threshold(-x), slope) : 0);
      points.push([x, after, model.priorDensity(x)]);
    }
    return { points, low, high };
  }

  return { solve, digitsFor, chance, fixed, twoDigits, Unsafe, families: Object.keys(FAMILIES) };
})();
