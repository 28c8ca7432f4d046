// page_check.js - looks at a report from inside of it; its value is a list of what is wrong.
(() => {
  const wrong = [];
  const expect = (holds, what) => { if (!holds) wrong.push(what); };

  // ---- what is there
  const data = JSON.parse(document.getElementById("data").textContent);
  expect(data.sides.a.latency_ns.count === data.operations, "the data says how many operations there were");
  expect(document.documentElement.lang === "en", "the language is said");
  expect(document.title.length > 5, "there is a title");
  expect(document.querySelectorAll("h1").length === 1, "there is one h1");
  expect(document.querySelector("h1").textContent === data.verdict, "the verdict is the first thing to read");
  expect(document.getElementById("command").textContent === data.command, "the command is there");
  expect(document.querySelectorAll("script:not([type='application/json'])").length === 0, "no scripts");

  // ---- both pictures are drawn
  for (const [id, curves] of [["chart-latency", 3], ["chart-rate", 2]]) {
    const svg = document.getElementById(id);
    expect(svg !== null, `there is ${id}`);
    if (svg === null) continue;
    expect(svg.querySelector("title").textContent.length > 10, `${id} has a title`);
    expect(svg.querySelector("desc").textContent.length > 40, `${id} has a description`);
    expect(svg.getAttribute("role") === "img", `${id} is an image`);
    for (const name of svg.getAttribute("aria-labelledby").split(" "))
      expect(document.getElementById(name) !== null, `${id}: ${name} exists`);
    const paths = [...svg.querySelectorAll("path.curve")];
    expect(paths.length === curves, `${id} has ${curves} curves and not ${paths.length}`);
    const frame = svg.getBoundingClientRect();
    for (const path of paths) {
      const box = path.getBoundingClientRect();
      expect(path.getTotalLength() > 100, `${id}: a curve is long enough to be one`);
      expect(!/NaN|inf/i.test(path.getAttribute("d")), `${id}: a curve is made of numbers`);
      expect(box.left >= frame.left - 3 && box.right <= frame.right + 3 && box.top >= frame.top - 3 &&
             box.bottom <= frame.bottom + 3, `${id}: a curve stays inside`);
      expect(getComputedStyle(path).stroke !== "none", `${id}: a curve has a colour`);
    }
    const ticks = [...svg.querySelectorAll("text")];
    expect(ticks.length > 5, `${id} has an axis`);
    for (const tick of ticks) {
      const box = tick.getBoundingClientRect();
      expect(box.height >= 8, `${id}: '${tick.textContent}' is ${box.height.toFixed(1)} px high`);
      expect(box.left >= frame.left - 1 && box.right <= frame.right + 1, `${id}: '${tick.textContent}' is cut`);
    }
    for (const row of [".along", ".up"]) {
      const boxes = [...svg.querySelectorAll(row)].map(t => t.getBoundingClientRect());
      for (let i = 1; i < boxes.length; i++)
        expect(boxes[i].left >= boxes[i - 1].right || boxes[i].bottom <= boxes[i - 1].top + 1,
               `${id}: two labels overlap`);
    }
  }
  expect(document.querySelector("#chart-rate path.band") !== null, "the noise of the control is drawn");

  // ---- tables
  for (const table of document.querySelectorAll("table")) {
    expect(table.caption !== null && table.caption.textContent.length > 3, "a table has a caption");
    for (const th of table.querySelectorAll("th"))
      expect(th.scope === "col" || th.scope === "row", `'${th.textContent}' says what it heads`);
    for (const row of table.tBodies[0].rows)
      expect(row.cells.length === table.tHead.rows[0].cells.length, "rows are as long as the head");
    const frame = table.parentElement;
    expect(frame.tabIndex === 0 && frame.getAttribute("aria-label"), "what scrolls can be reached and has a name");
  }

  // ---- width: the page never scrolls sideways
  const page = document.scrollingElement;
  expect(page.scrollWidth <= page.clientWidth, `the page is ${page.scrollWidth} px wide in ${page.clientWidth}`);

  // ---- contrast, computed from what is really shown
  const parse = c => (c.match(/[\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = e => {
    for (; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c.length === 3 || c[3] === 1) return c;
    }
    return [255, 255, 255];
  };
  const contrast = (a, b) => {
    const [x, y] = [light(a), light(b)].sort((p, q) => q - p);
    return (x + 0.05) / (y + 0.05);
  };
  let least = 99, looked = 0;
  for (const e of document.querySelectorAll("main *")) {
    const has_text = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!has_text || e.closest("title, desc")) continue;
    const style = getComputedStyle(e);
    const colour = parse(e.closest("svg") ? style.fill : style.color);
    const c = contrast(colour, behind(e));
    looked++;
    least = Math.min(least, c);
    expect(c >= 4.5, `contrast ${c.toFixed(2)} of '${e.textContent.trim().slice(0, 30)}'`);
  }
  for (const path of document.querySelectorAll("path.curve"))
    expect(contrast(parse(getComputedStyle(path).stroke), behind(path)) >= 3, "a curve stands out");
  expect(looked > 50, `${looked} texts were looked at`);

  // ---- a keyboard is enough
  for (const d of document.querySelectorAll("details")) {
    expect(d.querySelector("summary") !== null, "details have a summary");
    expect(d.querySelector("summary").tabIndex === 0, "a summary can be reached");
  }
  return {wrong: [...new Set(wrong)], least, looked, background: getComputedStyle(document.body).backgroundColor};
})()
