"use strict";
// The operator's read-only page: graph, counts and errors per node, last records. Everything that
// comes from events is inserted as text.
(function () {
  const NODE_WIDTH = 300, NODE_HEIGHT = 46, GAP_X = 40, GAP_Y = 34;
  const SVG = "http://www.w3.org/2000/svg";
  let current = null, picked = null, shape = "";

  const byId = (id) => document.getElementById(id);
  function make(tag, text, parent) {
    const element = document.createElement(tag);
    if (text !== undefined) element.textContent = text;
    if (parent) parent.append(element);
    return element;
  }
  function draw(tag, attributes, parent, text) {
    const element = document.createElementNS(SVG, tag);
    for (const name in attributes) element.setAttribute(name, attributes[name]);
    if (text !== undefined) element.textContent = text;
    parent.append(element);
    return element;
  }
  const short = (text, length) => text.length > length ? text.slice(0, length - 1) + "…" : text;

  // Depth-first: the first successor goes straight down, each further one opens a column.
  function place(nodes) {
    const places = new Map();
    let columns = 0;
    function walk(index, column, row) {
      if (places.has(index)) return;
      places.set(index, { x: column * (NODE_WIDTH + GAP_X) + 12, y: row * (NODE_HEIGHT + GAP_Y) + 12 });
      nodes[index].next.forEach((edge, order) => walk(edge.to, order === 0 ? column : ++columns, row + 1));
    }
    nodes.forEach((node, index) => { if (node.kind === "source") walk(index, places.size ? ++columns : 0, 0); });
    return places;
  }

  function drawGraph(scenario) {
    const places = place(scenario.nodes);
    const width = Math.max(...[...places.values()].map((p) => p.x)) + NODE_WIDTH + 12;
    const height = Math.max(...[...places.values()].map((p) => p.y)) + NODE_HEIGHT + 12;
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("width", width);
    svg.setAttribute("height", height);
    svg.setAttribute("role", "group");
    svg.setAttribute("aria-label", "Graph of " + scenario.name);
    scenario.nodes.forEach((node, index) => {
      const from = places.get(index);
      if (!from) return;
      node.next.forEach((edge) => {
        const to = places.get(edge.to);
        const x1 = from.x + NODE_WIDTH / 2, y1 = from.y + NODE_HEIGHT, x2 = to.x + NODE_WIDTH / 2, y2 = to.y;
        draw("path", { class: "edge", d: `M${x1} ${y1} C${x1} ${y1 + 18} ${x2} ${y2 - 18} ${x2} ${y2}` }, svg);
        if (edge.label) draw("text", { class: "edge-label", x: (x1 + x2) / 2 + 6, y: (y1 + y2) / 2 + 4 }, svg, edge.label);
      });
    });
    scenario.nodes.forEach((node, index) => {
      const at = places.get(index);
      if (!at) return;
      const group = draw("g", { class: "node", tabindex: 0, role: "button", "data-index": index }, svg);
      draw("rect", { class: "box", x: at.x, y: at.y, width: NODE_WIDTH, height: NODE_HEIGHT, rx: 8 }, group);
      draw("text", { class: "title", x: at.x + 12, y: at.y + 20 }, group, short(node.name, 30));
      draw("text", { class: "kind", x: at.x + 12, y: at.y + 36 }, group, node.kind);
      draw("text", { class: "count", x: at.x + NODE_WIDTH - 12, y: at.y + 20, "text-anchor": "end" }, group);
      draw("text", { class: "count bad", x: at.x + NODE_WIDTH - 12, y: at.y + 36, "text-anchor": "end" }, group);
      const pick = () => { picked = index; showNode(scenario); };
      group.addEventListener("click", pick);
      group.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") pick(); });
    });
    byId("graph").replaceChildren(svg);
  }

  function showCounts(scenario) {
    document.querySelectorAll("#graph .node").forEach((group) => {
      const node = scenario.nodes[group.dataset.index];
      const counts = group.querySelectorAll(".count");
      counts[0].textContent = node.events.toLocaleString();
      counts[1].textContent = node.errors ? node.errors.toLocaleString() + " failed" : "";
      group.setAttribute("aria-label", `${node.name}: ${node.events} events, ${node.errors} failed`);
      group.classList.toggle("failing", node.errors > 0);
      group.classList.toggle("picked", Number(group.dataset.index) === picked);
    });
  }

  function showNode(scenario) {
    if (picked === null) return;
    const node = scenario.nodes[picked];
    const list = document.createElement("dl");
    [["Name", node.name], ["Kind", node.kind], ["Events", node.events.toLocaleString()],
      ["Failed", node.errors.toLocaleString()], ["Ended here", node.filtered.toLocaleString()]].forEach(([name, value]) => {
      make("dt", name, list);
      make("dd", value, list);
    });
    byId("node").replaceChildren(list);
    showCounts(scenario);
  }

  function showList(id, items, empty) {
    const list = byId(id);
    list.replaceChildren();
    if (!items.length) make("li", empty, list).className = "hint";
    items.slice().reverse().forEach((item) => {
      const line = make("li", undefined, list);
      make("b", item.node, line);
      line.append(" " + new Date(item.time).toLocaleTimeString() + " " + short(item.text, 2000));
    });
  }

  // A server with a token answers 401 until the page sends it; it is kept for this browser's session.
  async function ask(path) {
    const token = sessionStorage.getItem("token");
    const answer = await fetch(path, token ? { headers: { Authorization: "Bearer " + token } } : {});
    byId("sign-in").hidden = answer.status !== 401;
    byId("all").hidden = answer.status === 401;
    if (answer.status === 401) throw new Error(token ? "that is not the token" : "a token is needed");
    if (!answer.ok) throw new Error("the server answers " + answer.status);
    return answer.json();
  }
  byId("sign-in").addEventListener("submit", (event) => {
    event.preventDefault();
    sessionStorage.setItem("token", byId("token").value);
    refresh();
  });

  async function refresh() {
    try {
      const all = await ask("/api/scenarios");
      if (current === null && all.length) current = all[0].name;
      byId("scenarios").replaceChildren(...all.map((scenario) => {
        const button = make("button", scenario.name);
        button.setAttribute("aria-current", String(scenario.name === current));
        button.addEventListener("click", () => { current = scenario.name; picked = null; shape = ""; refresh(); });
        return button;
      }));
      if (current === null) { byId("state").textContent = "no scenario is running"; return; }
      const scenario = await ask("/api/scenarios/" + encodeURIComponent(current));
      const newShape = scenario.name + JSON.stringify(scenario.nodes.map((node) => [node.id, node.next]));
      if (newShape !== shape) { drawGraph(scenario); shape = newShape; }
      showCounts(scenario);
      showNode(scenario);
      showList("records", scenario.records, "none yet");
      showList("errors", scenario.errors, "none");
      byId("state").textContent = scenario.state;
    } catch (error) {
      byId("state").textContent = error instanceof TypeError ? "the server does not answer" : error.message;
    }
  }
  refresh();
  setInterval(refresh, 1000);
})();
