/* The section "Try another prior": reads its controls, asks liveNumbers, writes what comes back. */
(() => {
  const source = document.getElementById('live');
  if (!source) return;
  const told = JSON.parse(source.textContent);
  for (const each of Object.values(told.outcomes)) {
    for (const name of ['claim', 'table']) if (each.data[name]) each.data[name] = told.tables[each.data[name]];
  }
  const part = (name) => document.getElementById(`live-${name}`);
  const [section, outcome, set, family, mean, sd, df, strength, icc, average, doubt] = [
    'section', 'outcome', 'set', 'family', 'mean', 'sd', 'df', 'strength', 'icc', 'average', 'doubt'].map(part);
  const OWN = '';
  const FACTORS = [0.25, 0.5, 1, 2, 4];
  const WIDTHS = ['a quarter as wide: very strong', 'half as wide: strong', 'as it is', 'twice as wide: weak', 'four times as wide: very weak'];
  const NAMES = { Normal: ['mu', 'sigma'], StudentT: ['mu', 'sigma'], Cauchy: ['alpha', 'beta'], Logistic: ['mu', 's'] };
  const LIMITS = { mean: [-20, 20, 'The center'], sd: [0.01, 20, 'The spread'], df: [1, 200, 'Degrees of freedom'] };
  const current = () => told.outcomes[outcome.value];

  function option(select, value, text) {
    const made = document.createElement('option');
    made.value = value;
    made.textContent = text;
    select.append(made);
  }

  function number(input, [low, high, name]) {
    const text = input.value.trim().replace(',', '.');
    const value = Number(text);
    if (text === '' || !Number.isFinite(value) || value < low || value > high) {
      input.setAttribute('aria-invalid', 'true');
      throw new liveNumbers.Unsafe(`${name} must be a number from ${low} to ${high}.`);
    }
    input.removeAttribute('aria-invalid');
    return value;
  }

  // the prior that the controls say: that of a set, its spread times the strength, or one's own
  function chosen() {
    const mine = current();
    for (const input of [mean, sd, df]) input.removeAttribute('aria-invalid');
    if (set.value !== OWN) {
      const base = mine.priors[set.value];
      if (!base.effect) return base;
      const name = NAMES[base.effect.dist][1];
      return { ...base, effect: { ...base.effect, [name]: base.effect[name] * FACTORS[strength.value] } };
    }
    const [at, width] = NAMES[family.value];
    const effect = { dist: family.value, [at]: number(mean, LIMITS.mean), [width]: number(sd, LIMITS.sd) };
    if (family.value === 'StudentT') effect.nu = number(df, LIMITS.df);
    return { ...mine.own, effect };
  }

  // write the numbers of a set into the fields of one's own prior
  function fill() {
    const base = current().priors[set.value];
    const free = !base || Boolean(base.effect);
    for (const each of [family, mean, sd, df, strength]) each.disabled = !free;
    if (base && base.effect) {
      const [at, width] = NAMES[base.effect.dist];
      family.value = base.effect.dist;
      mean.value = String(base.effect[at]);
      sd.value = String(Number((base.effect[width] * FACTORS[strength.value]).toPrecision(10)));
      if (base.effect.nu) df.value = String(base.effect.nu);
    }
    df.disabled = !free || family.value !== 'StudentT';
    strength.disabled = !base || !base.effect;
  }

  function choose() {
    const mine = current();
    const before = set.value;
    set.replaceChildren();
    for (const id of Object.keys(mine.priors)) option(set, id, told.sets[id].label);
    option(set, OWN, 'Your own');
    set.value = before in mine.priors ? before : told.primary;
    part('icc-group').hidden = !mine.data.table;
    part('doubt-group').hidden = !mine.data.claim;
    if (mine.data.table) {
      const { nodes } = mine.data.table;
      icc.min = String(Math.max(1, Math.ceil(100 * nodes[0])) / 100);
      icc.max = String(Math.min(95, Math.floor(100 * nodes[nodes.length - 1])) / 100);
    }
    for (const each of section.querySelectorAll('[data-live]')) each.hidden = each.dataset.live !== outcome.value;
    fill();
  }

  function value(key, amount, text) {
    const made = document.createElement('data');
    made.dataset.key = key;
    made.value = String(amount);
    made.textContent = text;
    made.title = 'Computed in this page, under the prior and the settings chosen here; the package gives the same: bayes_ivf.fit.';
    made.tabIndex = 0;
    return made;
  }

  function quoted(text) {
    const made = document.createElement('span');
    made.className = 'quoted';
    made.textContent = text;
    return made;
  }

  const setting = (name, amount, text) => value(`(page)/setting/chosen/none/page/${name}`, amount, text);
  const level = () => value('(page)/ci_prob/none/none/none/level', told.level, told.percent);

  function write(target, ...parts) { target.replaceChildren(...parts); }

  function show() {
    const mine = current();
    const rho = mine.data.table && !average.checked ? Number(icc.value) : null;
    const settings = { icc: rho, doubt: Number(doubt.value) };
    icc.disabled = average.checked;
    write(part('icc-said'), average.checked ? 'averaged over its prior' : setting('icc', icc.value, icc.value));
    write(part('doubt-said'), setting('doubt', doubt.value, doubt.value));
    part('strength-said').textContent = set.value === OWN ? 'for prior sets only' : WIDTHS[strength.value];
    strength.setAttribute('aria-valuetext', part('strength-said').textContent);
    const sentence = told.sets[set.value];
    const stretched = set.value !== OWN && Number(strength.value) !== 2;
    part('said').textContent = sentence ? sentence.sentence + (stretched ? ` Here ${WIDTHS[strength.value].split(':')[0]}.` : '') : mine.scale;
    try {
      const prior = chosen();
      const result = liveNumbers.solve(mine, prior, settings, told.level);
      tell(mine, settings, result);
      draw(mine, result);
      before(mine, prior);
      part('error').textContent = '';
    } catch (error) {
      if (!(error instanceof liveNumbers.Unsafe)) throw error;
      write(part('result'));
      part('figure').hidden = true;
      part('before').textContent = '';
      part('error').textContent = section.querySelector('[aria-invalid]') ? error.message
        : `Not accurate here, so no number is shown: ${error.message}. The package answers it: bayes_ivf.fit with this prior.`;
    }
  }

  function tell(mine, settings, { found, rare }) {
    const model = mine.model + (settings.icc === null ? mine.options : mine.options.replace(']', `;icc=${settings.icc}]`))
      .replace(/doubt=[^;\]]*/, `doubt=${settings.doubt}`);
    const key = (estimand, statistic) =>
      [mine.id, estimand, 'chosen', model, 'page', statistic].map((each) => each.replaceAll('/', '_')).join('/');
    const points = mine.estimand === 'risk_difference';
    const ratio = mine.ratio;
    const at = (name) => (ratio ? Math.exp(found[name]) : found[name]);
    const digits = liveNumbers.digitsFor(at('ci_low'), at('ci_high'),
      points ? { factor: rare ? 1000 : 100, least: 1 } : { zero: ratio ? 1 : 0, signed: !ratio && !mine.data.even });
    const shown = (name) => value(key(mine.estimand, name), at(name), digits(at(name)));
    const strong = document.createElement('strong');
    strong.append(shown('median'), points ? (rare ? ' per 1,000' : ' percentage points') : mine.unit);
    const doubted = part('doubt-group').hidden ? [] : settings.doubt === 0 ? [', if the claim is true']
      : settings.doubt === 1 ? [', if its words say nothing'] : [', at doubt ', setting('doubt', settings.doubt, doubt.value)];
    const parts = [quoted(mine.label), ...doubted, `: ${mine.name} `, strong, ' (', level(), ' credible interval ', shown('ci_low'), ' to ', shown('ci_high'), ').'];
    const likely = (estimand, name) => value(key(estimand, name), found[name], liveNumbers.chance(found[name]));
    if ('p_benefit' in found) parts.push(' Probability of benefit ', likely(mine.estimand, 'p_benefit'));
    if ('p_beyond_mcid' in found) parts.push(', of a benefit of at least ', quoted(mine.least), ' ', likely(mine.drawn, 'p_beyond_mcid'));
    parts.push('p_benefit' in found ? '.' : mine.data.even ? '' : ' No direction is defined as benefit.');
    write(part('result'), ...parts);
  }

  function draw(mine, { curve: { points, low, high }, rare }) {
    const [from, to] = [points[0][0], points[points.length - 1][0]];
    const [before, after] = [2, 1].map((column) => Math.max(...points.map((each) => each[column])));
    const scale = Math.max(after, Math.min(before, 1.5 * after)) || 1;
    const x = (each) => 8 + ((each - from) / (to - from)) * 344;
    const y = (each) => 140 - (Math.min(each, scale) / scale) * 128;
    const path = (some, column) => some.map((each, i) => `${i ? 'L' : 'M'}${x(each[0]).toFixed(1)} ${y(each[column]).toFixed(1)}`).join('');
    const inside = points.filter((each) => each[0] >= low && each[0] <= high);
    part('after').setAttribute('d', path(points, 1));
    part('prior').setAttribute('d', path(points, 2));
    part('band').setAttribute('d', inside.length ? `${path(inside, 1)}L${x(inside[inside.length - 1][0]).toFixed(1)} 140L${x(inside[0][0]).toFixed(1)} 140Z` : '');
    part('zero').setAttribute('d', from < 0 && to > 0 ? `M${x(0).toFixed(1)} 8V140` : '');
    const marks = mine.ratio ? ratios(from, to) : ticks(from, to, mine.drawn !== 'risk_difference' ? 1 : rare ? 1000 : 100, !mine.data.even);
    section.querySelectorAll('.live-ticks [data-tick]').forEach((each, i) => {
      each.textContent = i < marks.length ? marks[i][1] : '';
      if (i < marks.length) each.setAttribute('x', x(marks[i][0]).toFixed(1));
    });
    part('axis').textContent = rare ? mine.axis.replace('percentage points', 'per 1,000') : mine.axis;
    part('scale').textContent = mine.scales;
    part('title').textContent = `Density before the data (dashed) and after (solid). ${part('result').textContent}`;
    part('figure').hidden = false;
  }

  // round places of an axis, five at most, and what is written there
  function ticks(from, to, factor, signed) {
    const rough = ((to - from) * factor) / 5;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].find((each) => each * power >= rough) * power;
    const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    const margin = 0.04 * (to - from);
    const found = [];
    for (let i = Math.ceil(((from + margin) * factor) / step); i * step <= (to - margin) * factor; i += 1) {
      found.push([(i * step) / factor, (signed && i > 0 ? '+' : '') + (i ? liveNumbers.fixed(i * step, decimals) : '0')]);
    }
    return found.slice(0, 6);
  }

  function ratios(from, to) {
    const found = [];
    for (let power = -4; power <= 4; power += 1) for (const each of [1, 2, 5]) {
      const at = Math.log(each) + power * Math.LN10;
      if (at > from + 0.04 * (to - from) && at < to - 0.04 * (to - from)) found.push([at, String(Number((each * 10 ** power).toPrecision(1)))]);
    }
    if (found.length < 2) return ticks(from, to, 1, false).map(([at]) => [at, liveNumbers.fixed(Math.exp(at), 2)]);
    return found.length > 6 ? found.filter((_, i) => i % Math.ceil(found.length / 6) === 0) : found;
  }

  // what the prior itself says, in the words of its scale
  function before(mine, prior) {
    if (!prior.effect) { part('before').textContent = ''; return; }
    const nothing = { data: { estimate: 0, se: 1e300 }, sign: 0, mcid: null };
    const { found } = liveNumbers.solve(nothing, { effect: prior.effect }, {}, told.level);
    const [low, high] = [found.ci_low, found.ci_high].map((each) => (mine.odds ? Math.exp(each) : each));
    const text = (each) => (Math.abs(each) >= 1e4 || (mine.odds && each < 0.005) ? liveNumbers.twoDigits(each) : liveNumbers.fixed(each, 2));
    const shown = (name, each) => value(`${mine.id.replaceAll('/', '_')}/prior/chosen/none/page/${name}`, each, text(each));
    write(part('before'), `This prior expects ${mine.odds || 'standardized differences'} between `, shown('ci_low', low), ' and ', shown('ci_high', high), ' with probability ', level(), '.');
  }

  let waiting = null;
  const soon = () => { clearTimeout(waiting); waiting = setTimeout(show, 0); };
  for (const [id, each] of Object.entries(told.outcomes)) option(outcome, id, each.label);
  outcome.addEventListener('change', () => { const scale = current().odds; if (set.value === OWN && scale !== outcome.dataset.odds) set.value = told.primary; outcome.dataset.odds = scale; choose(); soon(); });
  set.addEventListener('change', () => { strength.value = '2'; fill(); soon(); });
  strength.addEventListener('input', () => { fill(); soon(); });
  for (const each of [family, mean, sd, df]) each.addEventListener('input', () => { set.value = OWN; strength.value = '2'; fill(); soon(); });
  for (const each of [icc, doubt]) each.addEventListener('input', soon);
  average.addEventListener('change', soon);
  part('reset').addEventListener('click', () => { set.value = told.primary; strength.value = '2'; average.checked = true; doubt.value = '0'; fill(); soon(); });
  for (const each of section.querySelectorAll('[data-scripted]')) each.hidden = false;
  for (const each of section.querySelectorAll('[data-unscripted]')) each.hidden = true;
  outcome.dataset.odds = current().odds;
  choose();
  show();
})();
