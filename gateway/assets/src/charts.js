// The dashboard's two pictures; the same figures stand beside them as a table.
import { BarChart, PieChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

echarts.use([AriaComponent, BarChart, GridComponent, LegendComponent, PieChart, SVGRenderer, TooltipComponent]);

const large = document.documentElement.classList.contains("elder");
const size = large ? 17 : 12;
const fontFamily = getComputedStyle(document.body).fontFamily;
const grey = "#5b6472";
const text = { color: grey, fontSize: size, fontFamily };
// Rich text keeps the tooltip inside the picture; as HTML it would carry inline styles.
const tooltip = { renderMode: "richText", backgroundColor: "#fff", borderColor: "#d5dae3", textStyle: { ...text, color: "#1f2329" } };
const shared = { animation: false, textStyle: { fontFamily }, aria: { enabled: false } };

function bars({ communities }) {
  return {
    ...shared,
    color: ["#1677ff", "#2a9d4a"],
    legend: { top: 0, right: 0, itemWidth: 22, itemHeight: 12, textStyle: text },
    grid: { left: 8, right: 8, top: 36, bottom: 4, containLabel: true },
    tooltip: { ...tooltip, trigger: "axis", axisPointer: { type: "shadow", shadowStyle: { color: "rgba(20,86,200,.06)" } } },
    xAxis: {
      type: "category",
      data: communities.map(({ name }) => name),
      axisLabel: { ...text, rotate: communities.length > 6 ? 35 : 0, interval: 0 },
      axisLine: { lineStyle: { color: "#d5dae3" } },
      axisTick: { show: false },
    },
    yAxis: { type: "value", minInterval: 1, axisLabel: text, splitLine: { lineStyle: { color: "#edf0f5" } } },
    series: [
      { name: "已认领", type: "bar", barMaxWidth: 12, itemStyle: { borderRadius: [2, 2, 0, 0] }, data: communities.map(({ claimed }) => claimed) },
      { name: "已办结", type: "bar", barMaxWidth: 12, itemStyle: { borderRadius: [2, 2, 0, 0] }, data: communities.map(({ done }) => done) },
    ],
  };
}

function ring({ states }) {
  const shown = states.filter(({ value }) => value > 0);
  return {
    ...shared,
    color: shown.map(({ color }) => color),
    tooltip: { ...tooltip, trigger: "item" },
    legend: { bottom: 0, itemWidth: 12, itemHeight: 12, itemGap: 12, textStyle: text },
    series: [{
      type: "pie",
      radius: ["42%", "60%"],
      center: ["50%", "42%"],
      data: shown,
      label: { ...text, formatter: "{b}\n{c}", alignTo: "edge", edgeDistance: 4, lineHeight: size + 3 },
      labelLine: { length: 8, length2: 4 },
    }],
  };
}

const kinds = { bars, ring };

function draw() {
  const source = document.getElementById("chart-figures");
  if (!source) return;
  const figures = JSON.parse(source.textContent);
  for (const place of document.querySelectorAll("[data-chart]")) {
    const chart = echarts.getInstanceByDom(place) || echarts.init(place, null, { renderer: "svg" });
    chart.setOption(kinds[place.dataset.chart](figures), { notMerge: true });
    place.setAttribute("data-drawn", "true");
    chart.off("click");
    chart.on("click", ({ dataIndex, seriesName, data }) => {
      const href = data?.href || figures.communities[dataIndex]?.[seriesName === "已办结" ? "done_href" : "href"];
      if (href) location.assign(href);
    });
  }
}

draw();
document.addEventListener("htmx:after:swap", draw);
new ResizeObserver(() => {
  for (const place of document.querySelectorAll("[data-chart]")) echarts.getInstanceByDom(place)?.resize();
}).observe(document.querySelector("main"));
